/** Types of files by the ending of their names, where a format names only an address and this one wants the type as well. */
const TYPES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    ...{
      png: "image/png",
      jpg: "image/jpeg",
      jpeg: "image/jpeg",
      webp: "image/webp",
      gif: "image/gif",
      heic: "image/heic",
      heif: "image/heif",
    },
    ...{
      pdf: "application/pdf",
      txt: "text/plain",
      md: "text/md",
      html: "text/html",
      csv: "text/csv",
      xml: "text/xml",
      json: "application/json",
    },
    ...{ mp3: "audio/mp3", wav: "audio/wav", aac: "audio/aac", ogg: "audio/ogg", flac: "audio/flac", aiff: "audio/aiff", m4a: "audio/m4a" },
    ...{ mp4: "video/mp4", mpeg: "video/mpeg", mov: "video/mov", avi: "video/avi", webm: "video/webm", wmv: "video/wmv" },
  }),
);

const ENDING = /\.([a-z0-9]{2,5})(?:[?#]|$)/i;

/** The type of what lies at an address, as far as its name tells. */
export function typeOfUrl(url: string, otherwise: string): string {
  return TYPES.get(ENDING.exec(url)?.[1]?.toLowerCase() ?? "") ?? otherwise;
}

/** The type of a sound whose format is known by OpenAI's name for it. */
export function typeOfSound(format: string): string {
  return format === "mp3" ? "audio/mp3" : `audio/${format}`;
}

/** OpenAI's name for the format of a sound. */
export function soundOfType(mediaType: string): string {
  const format = mediaType.slice("audio/".length).replace(/^x-/, "");
  return format === "mpeg" || format === "mp3" ? "mp3" : format === "wave" ? "wav" : format;
}
