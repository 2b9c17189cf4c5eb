import { encode, wrap } from 'nodemailer/lib/qp';

/** The fields of a MIME part that are about its content, and its bytes as they are sent. */
export interface BodyPart {
  readonly fields: readonly PartField[];
  readonly content: Buffer;
}

export type PartField = readonly [name: string, value: string];

/** 7bit where that is the truth, so that a person reading the source reads the text; else quoted-printable. */
export function textPart(text: string): BodyPart {
  const lines = cleanLines(text);
  const plain = /^[\x20-\x7e\t\r\n]*$/.test(lines) && lines.split('\r\n').every((line) => line.length <= 200);
  return {
    fields: [
      ['Content-Type', 'text/plain; charset=utf-8'],
      ['Content-Transfer-Encoding', plain ? '7bit' : 'quoted-printable'],
    ],
    content: Buffer.from(plain ? lines : wrap(encode(lines), 76), 'latin1'),
  };
}

/** CRLF line ends, one at the end; no other control character than the tab. */
function cleanLines(text: string): string {
  const lines = text
    .replace(/\r\n?/g, '\n')
    .replace(/[^\P{Cc}\n\t]|\p{Cs}/gu, '')
    .replace(/\n+$/, '');
  return `${lines}\n`.replaceAll('\n', '\r\n');
}
