/** How many series a metric has at most; what comes beyond is counted together, so that nobody fills memory or a scraper by making up names. */
const SERIES_MAX = 2_000;
const OTHER = "other";

/** A metric that can be told. */
export interface Metric {
  /** In the text format that Prometheus reads, `# HELP` and `# TYPE` included. */
  text(): string;
}

/** What only grows, by two labels. */
export class Counter implements Metric {
  private readonly name: string;
  private readonly help: string;
  private readonly labels: readonly [string, string];
  private readonly rows = new Map<string, Map<string, number>>();
  private readonly names: (readonly [string, string])[] = [];
  private values = new Float64Array(64);

  /** @param labels The labels' names. An empty one is left out. */
  constructor(name: string, help: string, labels: readonly [string, string]) {
    this.name = name;
    this.help = help;
    this.labels = labels;
  }

  /** Counts. On the hot path: two look-ups in maps; allocates only for labels that were never seen. */
  add(amount: number, first: string, second: string): void {
    const place = this.rows.get(first)?.get(second) ?? this.place(first, second);
    this.values[place]! += amount; // Places are within it.
  }

  /** What was counted. */
  value(first: string, second: string): number {
    const place = this.rows.get(first)?.get(second);
    return place === undefined ? 0 : this.values[place]!; // Places are within it.
  }

  text(): string {
    const lines = this.names.map((values, at) => `${this.name}${labelText(this.labels, values)} ${this.values[at]}`); // One value each.
    return [head(this.name, this.help, "counter"), ...lines, ""].join("\n");
  }

  private place(first: string, second: string): number {
    if (this.names.length >= SERIES_MAX && first !== OTHER) {
      return this.rows.get(OTHER)?.get(OTHER) ?? this.place(OTHER, OTHER);
    }
    const row = this.rows.get(first) ?? new Map<string, number>();
    this.rows.set(first, row);
    const place = this.names.push([first, second]) - 1;
    row.set(second, place);
    if (place >= this.values.length) {
      const larger = new Float64Array(this.values.length * 2);
      larger.set(this.values);
      this.values = larger;
    }
    return place;
  }
}

/** How values are spread, by one label. */
export class Histogram implements Metric {
  private readonly name: string;
  private readonly help: string;
  private readonly label: string;
  private readonly bounds: Float64Array;
  /** By label: how many fell into each bucket, and beyond the last; then the sum of all. */
  private readonly rows = new Map<string, Float64Array>();

  /** @param bounds The buckets' upper ends, ascending. */
  constructor(name: string, help: string, label: string, bounds: readonly number[]) {
    this.name = name;
    this.help = help;
    this.label = label;
    this.bounds = Float64Array.from(bounds);
  }

  /** Takes a value. On the hot path: one look-up and a walk over the bounds. */
  observe(value: number, label: string): void {
    const row = this.rows.get(label) ?? this.row(label);
    const { bounds } = this;
    let at = 0;
    while (at < bounds.length && value > bounds[at]!) at++; // Below its length.
    row[at]!++; // One place for each bound, one beyond, one for the sum.
    row[row.length - 1]! += value;
  }

  text(): string {
    const lines = [...this.rows].flatMap(([label, row]) => this.lines(label, row));
    return [head(this.name, this.help, "histogram"), ...lines, ""].join("\n");
  }

  private lines(label: string, row: Float64Array): string[] {
    const name = `${this.label}=${quoted(label)}`;
    let sum = 0;
    const buckets = [...this.bounds, Number.POSITIVE_INFINITY].map((bound, at) => {
      sum += row[at]!; // See `observe`.
      return `${this.name}_bucket{${name},le="${bound === Number.POSITIVE_INFINITY ? "+Inf" : bound}"} ${sum}`;
    });
    return [...buckets, `${this.name}_sum{${name}} ${row.at(-1)}`, `${this.name}_count{${name}} ${sum}`];
  }

  private row(label: string): Float64Array {
    const key = this.rows.size >= SERIES_MAX ? OTHER : label;
    const row = this.rows.get(key) ?? new Float64Array(this.bounds.length + 2);
    this.rows.set(key, row);
    return row;
  }
}

/** One value of what goes up and down, and its labels by name. */
export type GaugeValue = readonly [value: number, labels?: Readonly<Record<string, string>>];

/** What goes up and down, looked at when somebody asks. */
export class Gauge implements Metric {
  private readonly name: string;
  private readonly help: string;
  private readonly type: "gauge" | "counter";
  private readonly read: () => readonly GaugeValue[];

  /** @param type `counter` for what somebody else counts. */
  constructor(name: string, help: string, read: () => readonly GaugeValue[], type: "gauge" | "counter" = "gauge") {
    this.name = name;
    this.help = help;
    this.type = type;
    this.read = read;
  }

  text(): string {
    const lines = this.read()
      .slice(0, SERIES_MAX)
      .map(([value, labels = {}]) => `${this.name}${labelText(Object.keys(labels), Object.values(labels))} ${value}`);
    return [head(this.name, this.help, this.type), ...lines, ""].join("\n");
  }
}

function head(name: string, help: string, type: string): string {
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}`;
}

function labelText(names: readonly string[], values: readonly string[]): string {
  const pairs = names.flatMap((name, at) => (name === "" ? [] : [`${name}=${quoted(values[at] ?? "")}`]));
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

function quoted(text: string): string {
  return `"${text.replace(/[\\"\n]/g, (character) => (character === "\n" ? "\\n" : `\\${character}`))}"`;
}
