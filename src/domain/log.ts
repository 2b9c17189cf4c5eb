/** Where a part says what an operator may want to know; main gives it a real one. `facts` never hold secrets or bodies. */
export interface Log {
  info(facts: object, sentence: string): void;
  warn(facts: object, sentence: string): void;
  error(facts: object, sentence: string): void;
}

export const silentLog: Log = { info() {}, warn() {}, error() {} };
