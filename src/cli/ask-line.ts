import { createInterface } from 'node:readline/promises';

export interface Terminal {
  readonly stdin: NodeJS.ReadStream;
  readonly stderr: NodeJS.WriteStream;
}

/**
 * What somebody types, trimmed; asked again until it `isAnswer`. '' where they end the input. The question goes to standard error:
 * standard output may be a pipe.
 */
export async function askLine(
  { stdin, stderr }: Terminal,
  question: string,
  isAnswer: (line: string) => boolean = () => true,
): Promise<string> {
  const lines = createInterface({ input: stdin, output: stderr, prompt: question });
  try {
    lines.prompt();
    for await (const line of lines) {
      if (isAnswer(line.trim())) return line.trim();
      lines.prompt();
    }
    return '';
  } finally {
    lines.close();
  }
}
