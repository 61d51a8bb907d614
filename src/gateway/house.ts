import type { SecretReference } from "../config/secret.ts";
import type { KeyRow } from "../ledger/schema.ts";
import { ApiKeys, type KeyEntry, KeyRing } from "../policies/api-keys.ts";
import { type BudgetNote, Budgets, type SpentBefore } from "../policies/budget.ts";
import { ConcurrencyLimits } from "../policies/concurrency.ts";
import type { Counts } from "../policies/counts.ts";
import { sha256Hex } from "../policies/key-format.ts";
import type { Logins } from "../policies/logins.ts";
import { compilePolicies, type Policy, type PolicyPlan } from "../policies/policy.ts";
import { RateLimits, type ShadowNote } from "../policies/rate-limit.ts";
import { entriesOf } from "../policies/stored-keys.ts";
import type { PlannedPolicies } from "../routing/plan-policies.ts";

/** What a house needs besides its rules. */
export interface HouseOptions {
  readonly readSecret: (reference: SecretReference) => Promise<string>;
  /** Keys of the store, as they are now. */
  readonly stored: readonly KeyRow[];
  /** `REQUIRE_API_KEY=false` on a machine of one's own; goes before the configuration. */
  readonly requireKeys?: boolean | undefined;
  /** Who may come in as a person. Default: nobody. */
  readonly logins?: Logins | undefined;
  /** What was spent before this process began; of no matter if there is a house before. */
  readonly spentBefore?: readonly SpentBefore[];
  readonly epochMs: number;
  /** The house of the plan before: what it has counted and what is under way there goes on. */
  readonly previous?: House | undefined;
  /** Where limits and budgets count that hold for several processes together. Default: this process counts for itself. */
  readonly counts?: Counts | undefined;
  /** Told of what a rule in shadow mode would have refused. */
  readonly shadowed?: ShadowNote;
  /** Told of budgets that are half, four fifths or all used up. */
  readonly spending?: BudgetNote;
  /** Told of stored keys whose rights can not be read; they open nothing. */
  readonly unreadable?: (keyId: string, error: unknown) => void;
}

/** The rules of a plan, in force: the door, and what speaks at the six moments. */
export class House {
  readonly door: ApiKeys;
  readonly policies: PolicyPlan;
  readonly budgets: Budgets;
  private readonly declared: readonly KeyEntry[];
  private readonly rates: RateLimits;
  private readonly concurrency: ConcurrencyLimits;
  private readonly unreadable: (keyId: string, error: unknown) => void;

  private constructor(planned: PlannedPolicies, declared: readonly KeyEntry[], more: readonly Policy[], options: HouseOptions) {
    const { previous, epochMs, shadowed, counts } = options;
    this.declared = declared;
    this.unreadable = options.unreadable ?? (() => {});
    this.door = new ApiKeys(this.ringOf(options.stored), {
      required: options.requireKeys ?? planned.requireKeys,
      logins: options.logins,
    });
    this.concurrency = new ConcurrencyLimits(planned.concurrency, shadowed, previous?.concurrency, counts);
    this.budgets = new Budgets(
      planned.budgets,
      previous === undefined ? (options.spentBefore ?? []) : [],
      epochMs,
      options.spending,
      previous?.budgets,
      counts,
    );
    this.rates = new RateLimits(planned.rates, shadowed, previous?.rates, counts);
    // What gives back all that it took goes first; a request that is counted by a rate is counted for good, so that comes last.
    this.policies = compilePolicies([
      ...(planned.concurrency.length > 0 ? [this.concurrency] : []),
      ...(planned.budgets.length > 0 ? [this.budgets] : []),
      ...(planned.rates.length > 0 ? [this.rates] : []),
      ...more,
    ]);
  }

  /**
   * Puts rules in force.
   * @param more Policies that are no limits, such as compression, in the order in which they speak.
   * @throws {OmniError} If a key's secret can not be read.
   */
  static async open(planned: PlannedPolicies, more: readonly Policy[], options: HouseOptions): Promise<House> {
    const declared = await Promise.all(
      planned.keys.map(async ({ entry, secret }): Promise<KeyEntry> => {
        const sha256 = "sha256" in secret ? secret.sha256 : sha256Hex(await options.readSecret(secret));
        return { ...entry, secrets: [{ sha256 }] };
      }),
    );
    return new House(planned, declared, more, options);
  }

  /** Takes over keys that were made, rotated or revoked meanwhile: in force with the next request. */
  useKeys(stored: readonly KeyRow[]): void {
    this.door.ring = this.ringOf(stored);
  }

  private ringOf(stored: readonly KeyRow[]): KeyRing {
    return new KeyRing([...this.declared, ...entriesOf(stored, this.unreadable)]);
  }
}
