/** An error on its way to another thread: what a log says of it, and what a program asks. */
export interface ToldError {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  readonly code: string | undefined;
}

/** Never the error itself: one that holds a function, in its cause for instance, cannot be sent, and would end the process instead. */
export function tellError(error: unknown): ToldError {
  if (!(error instanceof Error))
    return { name: 'Error', message: String(error), stack: undefined, code: undefined };
  const { name, message, stack } = error;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  return { name, message, stack, code };
}

export function hearError({ name, message, stack, code }: ToldError): Error {
  const error = Object.assign(new Error(message), { name }, code === undefined ? {} : { code });
  if (stack !== undefined) error.stack = stack;
  return error;
}
