import { ai21 } from "./ai21.ts";
import { aimlapi } from "./aimlapi.ts";
import { alibaba } from "./alibaba.ts";
import { anthropic } from "./anthropic.ts";
import { assemblyai } from "./assemblyai.ts";
import { avian } from "./avian.ts";
import { azureOpenai } from "./azure-openai.ts";
import { baseten } from "./baseten.ts";
import { bedrockAnthropic } from "./bedrock-anthropic.ts";
import { bedrock } from "./bedrock.ts";
import { brave } from "./brave.ts";
import { cartesia } from "./cartesia.ts";
import { cerebras } from "./cerebras.ts";
import { cloudflare } from "./cloudflare.ts";
import { codestral } from "./codestral.ts";
import { cohere } from "./cohere.ts";
import { databricks } from "./databricks.ts";
import { deepgram } from "./deepgram.ts";
import { deepinfra } from "./deepinfra.ts";
import { deepseek } from "./deepseek.ts";
import { dockerModelRunner } from "./docker-model-runner.ts";
import { elevenlabs } from "./elevenlabs.ts";
import { exa } from "./exa.ts";
import { featherless } from "./featherless.ts";
import { firecrawl } from "./firecrawl.ts";
import { fireworks } from "./fireworks.ts";
import { friendli } from "./friendli.ts";
import { gemini } from "./gemini.ts";
import { groq } from "./groq.ts";
import { huggingface } from "./huggingface.ts";
import { hyperbolic } from "./hyperbolic.ts";
import { inferenceNet } from "./inference-net.ts";
import { jina } from "./jina.ts";
import { lambda } from "./lambda.ts";
import { linkup } from "./linkup.ts";
import { llamafile } from "./llamafile.ts";
import { lmStudio } from "./lm-studio.ts";
import { local } from "./local/index.ts";
import { metaLlama } from "./meta-llama.ts";
import { minimaxCn } from "./minimax-cn.ts";
import { minimax } from "./minimax.ts";
import { mistral } from "./mistral.ts";
import { moonshot } from "./moonshot.ts";
import { morph } from "./morph.ts";
import { nanogpt } from "./nanogpt.ts";
import { nebius } from "./nebius.ts";
import { nscale } from "./nscale.ts";
import { nvidia } from "./nvidia.ts";
import { ollamaCloud } from "./ollama-cloud.ts";
import { ollama } from "./ollama.ts";
import { openaiCompatible } from "./openai-compatible.ts";
import { openai } from "./openai.ts";
import { openrouter } from "./openrouter.ts";
import { ovhcloud } from "./ovhcloud.ts";
import { perplexity } from "./perplexity.ts";
import { qianfan } from "./qianfan.ts";
import { reka } from "./reka.ts";
import { sambanova } from "./sambanova.ts";
import { scaleway } from "./scaleway.ts";
import { searxng } from "./searxng.ts";
import { serper } from "./serper.ts";
import { siliconflow } from "./siliconflow.ts";
import { simulator } from "./simulator/index.ts";
import { snowflake } from "./snowflake.ts";
import { synthetic } from "./synthetic.ts";
import { tavily } from "./tavily.ts";
import { textEmbeddingsInference } from "./text-embeddings-inference.ts";
import { together } from "./together.ts";
import { upstage } from "./upstage.ts";
import { v0 } from "./v0.ts";
import { venice } from "./venice.ts";
import { vercelGateway } from "./vercel-gateway.ts";
import { vertexAnthropic } from "./vertex-anthropic.ts";
import { vertex } from "./vertex.ts";
import { vllm } from "./vllm.ts";
import { volcengine } from "./volcengine.ts";
import { voyage } from "./voyage.ts";
import { wandb } from "./wandb.ts";
import { xai } from "./xai.ts";
import { xiaomiMimo } from "./xiaomi-mimo.ts";
import { you } from "./you.ts";
import { zaiCoding } from "./zai-coding.ts";
import { zai } from "./zai.ts";

/** Every provider that a configuration can name. Its position means nothing. */
export const PROVIDERS: readonly [
  typeof ai21,
  typeof aimlapi,
  typeof alibaba,
  typeof anthropic,
  typeof assemblyai,
  typeof avian,
  typeof azureOpenai,
  typeof baseten,
  typeof bedrock,
  typeof bedrockAnthropic,
  typeof brave,
  typeof cartesia,
  typeof cerebras,
  typeof cloudflare,
  typeof codestral,
  typeof cohere,
  typeof databricks,
  typeof deepgram,
  typeof deepinfra,
  typeof deepseek,
  typeof dockerModelRunner,
  typeof elevenlabs,
  typeof exa,
  typeof featherless,
  typeof firecrawl,
  typeof fireworks,
  typeof friendli,
  typeof gemini,
  typeof groq,
  typeof huggingface,
  typeof hyperbolic,
  typeof inferenceNet,
  typeof jina,
  typeof lambda,
  typeof linkup,
  typeof llamafile,
  typeof lmStudio,
  typeof local,
  typeof metaLlama,
  typeof minimax,
  typeof minimaxCn,
  typeof mistral,
  typeof moonshot,
  typeof morph,
  typeof nanogpt,
  typeof nebius,
  typeof nscale,
  typeof nvidia,
  typeof ollama,
  typeof ollamaCloud,
  typeof openai,
  typeof openaiCompatible,
  typeof openrouter,
  typeof ovhcloud,
  typeof perplexity,
  typeof qianfan,
  typeof reka,
  typeof sambanova,
  typeof scaleway,
  typeof searxng,
  typeof serper,
  typeof siliconflow,
  typeof simulator,
  typeof snowflake,
  typeof synthetic,
  typeof tavily,
  typeof textEmbeddingsInference,
  typeof together,
  typeof upstage,
  typeof v0,
  typeof venice,
  typeof vercelGateway,
  typeof vertex,
  typeof vertexAnthropic,
  typeof vllm,
  typeof volcengine,
  typeof voyage,
  typeof wandb,
  typeof xai,
  typeof xiaomiMimo,
  typeof you,
  typeof zai,
  typeof zaiCoding,
] = [
  ai21,
  aimlapi,
  alibaba,
  anthropic,
  assemblyai,
  avian,
  azureOpenai,
  baseten,
  bedrock,
  bedrockAnthropic,
  brave,
  cartesia,
  cerebras,
  cloudflare,
  codestral,
  cohere,
  databricks,
  deepgram,
  deepinfra,
  deepseek,
  dockerModelRunner,
  elevenlabs,
  exa,
  featherless,
  firecrawl,
  fireworks,
  friendli,
  gemini,
  groq,
  huggingface,
  hyperbolic,
  inferenceNet,
  jina,
  lambda,
  linkup,
  llamafile,
  lmStudio,
  local,
  metaLlama,
  minimax,
  minimaxCn,
  mistral,
  moonshot,
  morph,
  nanogpt,
  nebius,
  nscale,
  nvidia,
  ollama,
  ollamaCloud,
  openai,
  openaiCompatible,
  openrouter,
  ovhcloud,
  perplexity,
  qianfan,
  reka,
  sambanova,
  scaleway,
  searxng,
  serper,
  siliconflow,
  simulator,
  snowflake,
  synthetic,
  tavily,
  textEmbeddingsInference,
  together,
  upstage,
  v0,
  venice,
  vercelGateway,
  vertex,
  vertexAnthropic,
  vllm,
  volcengine,
  voyage,
  wandb,
  xai,
  xiaomiMimo,
  you,
  zai,
  zaiCoding,
];
