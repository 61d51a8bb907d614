/** Why a benchmark could not be run: the machine, a contestant or a file is not what it takes. Its message is for whoever typed the line. */
export class BenchFailure extends Error {
  override readonly name = "BenchFailure";
}
