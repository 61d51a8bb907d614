/** What a model on Bedrock takes besides what all of them do. Default of each: by the model's name. */
export interface ModelTraits {
  /** Whose words the model's own fields are in, where how much to think and `top_k` go. `other`: it has none that are known. */
  readonly maker: "anthropic" | "nova" | "openai" | "other";
  /** Whether it thinks as it sees fit (`adaptive`, Claude 4.6 and later) or within a budget. */
  readonly thinking: "adaptive" | "budget";
  /** Whether it lets others say how it samples. */
  readonly sampling: boolean;
  /** Whether answers and calls can be held to schemas. */
  readonly schemas: boolean;
  /** Whether it takes marks of what to cache. */
  readonly caches: boolean;
}

/** Claude 3 to 4.5. */
const BUDGETED = /claude-(?:3-|v|instant|(?:opus|sonnet|haiku)-4(?:-[0-5])?(?:-\d{8}|$|:))/;
/** Claude 4.6 is the last one that can be told how to sample. */
const SAMPLED = /claude-(?:opus|sonnet)-4-6/;
/** https://docs.aws.amazon.com/bedrock/latest/userguide/structured-output.html */
const SCHEMAS = /claude-(?:(?:opus|sonnet|haiku)-4-[5-9]|(?:opus|sonnet|haiku|fable)-[5-9])/;

/** What is known of a model by its name: `anthropic.claude-…`, `us.amazon.nova-…`, or an ARN that holds such a name. */
export function traitsOf(model: string): ModelTraits {
  const isClaude = model.includes("claude");
  const isNova = model.includes("nova");
  const isBudgeted = BUDGETED.test(model);
  return {
    maker: isClaude ? "anthropic" : isNova ? "nova" : model.includes("openai.") ? "openai" : "other",
    thinking: isBudgeted ? "budget" : "adaptive",
    sampling: !isClaude || isBudgeted || SAMPLED.test(model),
    schemas: SCHEMAS.test(model),
    caches: isClaude || isNova,
  };
}
