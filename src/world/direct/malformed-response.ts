/** What came is not HTTP as it has to be, or leaves open where a response ends. The connection is of no use any more. */
export class MalformedResponse extends Error {
  override readonly name = "MalformedResponse";
}
