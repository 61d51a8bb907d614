/** What is known of one model besides its price: what catalogs tell, and what requests are held against before they are sent. Absent: not known. */
export interface ModelSheet {
  /** Embedding: how long its vectors are, if the request does not say. */
  readonly dimensions?: number;
  /** How many tokens one input may have. */
  readonly inputTokensMax?: number;
  /** How many characters one input may have. */
  readonly inputCharactersMax?: number;
  /** How many inputs (texts, documents) one request to the provider may have. */
  readonly inputsMax?: number;
  /** Image: the sizes that can be asked for, such as `1024x1024`. */
  readonly sizes?: readonly string[];
  /** Image: what it can do: `generate`, `edit`, `mask` (say where to edit), `vary`, `stream`. */
  readonly capabilities?: readonly string[];
  /** Speech: the voices that there are. */
  readonly voices?: readonly string[];
  /** Image: how many it makes in one call. */
  readonly imagesMax?: number;
  /** Speech and transcription: formats that it writes, or reads. Image: those that it reads, such as `png`. */
  readonly formats?: readonly string[];
  /** Transcription and images: the largest file, in bytes. */
  readonly fileBytesMax?: number;
}
