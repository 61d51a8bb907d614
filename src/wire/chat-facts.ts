import { JsonScanner } from "../bytes/json-scan.ts";

/** What can be told of a chat request without decoding it. */
export interface ChatFacts {
  /** Estimated at four bytes a token; an image counts as a thousand, however many bytes it has. */
  readonly inputTokens: number;
  /** undefined if the client sets no limit. */
  readonly outputTokensMax: number | undefined;
  readonly tools: boolean;
  readonly images: boolean;
  /** Whether the answer must follow a schema. */
  readonly structuredOutput: boolean;
  /** The same for all requests of one conversation: of its own name for it, or else of how it begins. A whole number below 2^32. */
  readonly conversation: number;
}

/** What is watched for, in all formats at once: none means something else by another's key. */
const PATHS = {
  tools: ["tools[]", "functions[]", "toolConfig.tools[]"],
  limit: [
    ...["max_tokens", "max_completion_tokens", "max_output_tokens"],
    ...["generationConfig.maxOutputTokens", "inferenceConfig.maxTokens", "options.num_predict"],
  ],
  schema: ["response_format.type", "text.format.type", "output_config.format.type", "output_format.type"],
  schemaItself: ["generationConfig.responseSchema", "generationConfig.responseJsonSchema", "format"],
  part: ["messages[].content[]", "input[].content[]", "contents[].parts[]"],
  partType: ["messages[].content[].type", "messages[].content[].content[].type", "input[].content[].type"],
  image: [
    ...["contents[].parts[].inlineData", "contents[].parts[].inline_data", "contents[].parts[].fileData"],
    ...["messages[].content[].image", "messages[].images[]"],
  ],
  name: ["prompt_cache_key", "metadata.user_id"],
  beginning: ["system", "instructions", "systemInstruction", "system_instruction"],
  turn: ["messages[]", "input[]", "contents[]"],
  role: ["messages[].role", "input[].role"],
  text: ["input"],
} as const;
type Meaning = keyof typeof PATHS;

const ALL = Object.entries(PATHS).flatMap(([meaning, paths]) => paths.map((path) => [path, meaning as Meaning] as const)); // The object's own keys.
const MEANINGS: readonly Meaning[] = ALL.map(([, meaning]) => meaning);
const scanner = new JsonScanner(...ALL.map(([path]) => path));

const IMAGE_TOKENS = 1_000;
const BYTES_PER_TOKEN = 4;

/** Reads what matters to the choice of a target off a request that was found well-formed already. One more pass over its bytes. */
export function readChatFacts(body: Uint8Array): ChatFacts {
  const reader = new FactReader(body);
  const count = scanner.scan(body);
  for (let row = 0; row < count; row += 3) {
    reader.read(MEANINGS[scanner.found[row]!]!, scanner.found[row + 1]!, scanner.found[row + 2]!); // Scans write three numbers for each value.
  }
  return reader.facts();
}

class FactReader {
  private readonly body: Uint8Array;
  private outputTokensMax: number | undefined;
  private tools = false;
  private structuredOutput = false;
  /** Where the images stand. */
  private readonly images: [start: number, end: number][] = [];
  private readonly parts: [start: number, end: number][] = [];
  private readonly turns: [start: number, end: number][] = [];
  private readonly roles: [start: number, end: number][] = [];
  private name: [start: number, end: number] | undefined;
  private readonly beginnings: [start: number, end: number][] = [];

  constructor(body: Uint8Array) {
    this.body = body;
  }

  read(meaning: Meaning, start: number, end: number): void {
    switch (meaning) {
      case "tools":
        this.tools = true;
        return;
      case "limit":
        this.outputTokensMax = this.numberAt(start, end) ?? this.outputTokensMax;
        return;
      case "schema":
        this.structuredOutput ||= this.textAt(start, end).startsWith('"json');
        return;
      case "schemaItself":
        this.structuredOutput ||= this.body[start] === OPEN_OBJECT;
        return;
      case "part":
        this.parts.push([start, end]);
        return;
      case "partType":
        if (this.textAt(start, end).includes("image")) this.images.push([start, end]);
        return;
      case "image":
        this.images.push([start, end]);
        return;
      case "name":
        if (this.body[start] === QUOTE) this.name ??= [start, end];
        return;
      case "beginning":
        this.beginnings.push([start, end]);
        return;
      case "turn":
        this.turns.push([start, end]);
        return;
      case "role":
        this.roles.push([start, end]);
        return;
      case "text":
        if (this.body[start] === QUOTE) this.turns.push([start, end]);
        return;
      default:
        meaning satisfies never;
    }
  }

  facts(): ChatFacts {
    let bytes = this.body.length;
    // An image's data stands in the part that it is in.
    for (const [at] of this.images) {
      const [start, end] = this.parts.find((part) => part[0] <= at && at < part[1]) ?? [0, 0];
      bytes -= end - start;
    }
    return {
      inputTokens: Math.ceil(Math.max(bytes, 0) / BYTES_PER_TOKEN) + this.images.length * IMAGE_TOKENS,
      outputTokensMax: this.outputTokensMax,
      tools: this.tools,
      images: this.images.length > 0,
      structuredOutput: this.structuredOutput,
      conversation: this.conversation(),
    };
  }

  /** What stays the same from one turn to the next: the name that the client gave, or what the model is told first and is asked first. */
  private conversation(): number {
    if (this.name !== undefined) return this.hash([this.name]);
    this.turns.sort(([a], [b]) => a - b);
    const asked = this.turns.findIndex(([start, end]) => !this.roles.some(([at, to]) => at > start && at < end && this.isTold(at, to)));
    return this.hash([...this.beginnings, ...this.turns.slice(0, asked + 1)]);
  }

  private isTold(start: number, end: number): boolean {
    const role = this.textAt(start, end);
    return role === '"system"' || role === '"developer"';
  }

  private hash(places: readonly (readonly [start: number, end: number])[]): number {
    let sum = 0;
    for (const [start, end] of places) sum = Bun.hash.xxHash32(this.body.subarray(start, end), sum);
    return sum;
  }

  private textAt(start: number, end: number): string {
    return new TextDecoder().decode(this.body.subarray(start, Math.min(end, start + 64)));
  }

  private numberAt(start: number, end: number): number | undefined {
    const number = Number(this.textAt(start, end));
    return Number.isFinite(number) && number >= 0 ? number : undefined;
  }
}

const QUOTE = 0x22;
const OPEN_OBJECT = 0x7b;
