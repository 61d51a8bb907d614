/** Who is told that something is cancelled. */
export type CancelListener = (() => void) | { handleEvent(): void };

/** Says when what is under way is to stop. An `AbortSignal` is one; those that are made for every request are `Cancellation`s, which cost a hundredth of it. */
export interface CancelSignal {
  /** Whether it is over, as far as is known. */
  readonly aborted: boolean;
  /** Why; what whoever waits is to throw. */
  readonly reason: unknown;
  /** @throws `reason`, if it is over. */
  throwIfAborted(): void;
  addEventListener(type: "abort", listener: CancelListener, options?: { readonly once?: boolean }): void;
  removeEventListener(type: "abort", listener: CancelListener): void;
}

/** Cancels what goes on under it, once. It is what an `AbortController` and its signal are together, without a thread's locks, an event and its target. */
export class Cancellation implements CancelSignal {
  aborted = false;
  reason: unknown;
  /** Nearly always there is one listener. */
  private first: CancelListener | undefined;
  private others: Set<CancelListener> | undefined;

  /** Cancels. Only the first call counts. */
  abort(reason: unknown): void {
    if (this.aborted) return;
    this.aborted = true;
    this.reason = reason;
    const { first, others } = this;
    this.first = undefined;
    this.others = undefined;
    if (first !== undefined) tell(first);
    for (const listener of others ?? []) tell(listener);
  }

  /** Whether anybody would be told. */
  protected get hasListeners(): boolean {
    return this.first !== undefined || (this.others !== undefined && this.others.size > 0);
  }

  throwIfAborted(): void {
    if (this.aborted) throw this.reason;
  }

  addEventListener(_type: "abort", listener: CancelListener): void {
    if (this.aborted) return;
    if (this.first === undefined || this.first === listener) {
      this.first = listener;
      return;
    }
    this.others ??= new Set();
    this.others.add(listener);
  }

  removeEventListener(_type: "abort", listener: CancelListener): void {
    if (this.first === listener) this.first = undefined;
    else this.others?.delete(listener);
  }
}

/** The same for what knows nothing but the runtime's own signals. */
export function abortSignalOf(signal: CancelSignal): AbortSignal {
  if (signal instanceof AbortSignal) return signal;
  const controller = new AbortController();
  if (signal.aborted) controller.abort(signal.reason);
  else signal.addEventListener("abort", () => controller.abort(signal.reason));
  return controller.signal;
}

function tell(listener: CancelListener): void {
  if (typeof listener === "function") listener();
  else listener.handleEvent();
}
