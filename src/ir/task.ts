/** The three words of a kind of work: what is asked, what comes of it as a whole, and the parts of a streamed answer (`never` where there are no streams). */
export interface Task<Request, Result, Event> {
  readonly request: Request;
  readonly result: Result;
  readonly event: Event;
}
