import { decodeBytes } from './charset.ts';
import { readParameters } from './content-type.ts';
import { decodeHeader } from './decode-header.ts';
import { firstValue } from './headers.ts';
import type { MimePart } from './mime-tree.ts';

/** The name of an attachment, decoded: from Content-Disposition or else Content-Type; '' when it has none. At most 255 characters. */
export function readFilename({ head, parameters }: Pick<MimePart, 'head' | 'parameters'>): string {
  const disposition = readParameters(firstValue(head, 'content-disposition')).parameters;
  const name = readParameter(disposition, 'filename') || readParameter(parameters, 'name');
  // Neither a path nor a control or direction character belongs to a name that people see and save.
  return (name.split(/[/\\]/).pop() ?? '').replace(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, '').slice(0, 255);
}

/** Plain, in pieces, and with a charset (RFC 2231 §3, §4), or with an encoded word, which many programs write there. */
function readParameter(parameters: ReadonlyMap<string, string>, name: string): string {
  const extended = parameters.get(`${name}*`) ?? inPieces(parameters, name);
  if (extended !== undefined) return decodeExtended(extended);
  return decodeHeader(parameters.get(name) ?? '');
}

function inPieces(parameters: ReadonlyMap<string, string>, name: string): string | undefined {
  const pieces: string[] = [];
  for (let i = 0; i < 20; i++) {
    const encoded = parameters.get(`${name}*${i}*`);
    const plain = parameters.get(`${name}*${i}`);
    if (encoded === undefined && plain === undefined) break;
    // A plain piece is no code: its percent signs are themselves.
    pieces.push(encoded ?? plain?.replaceAll('%', '%25') ?? '');
  }
  return pieces.length > 0 ? pieces.join('') : undefined;
}

/** `utf-8'de'V%C3%B6gel.png`; the charset and language may be missing. */
function decodeExtended(value: string): string {
  const [, charset = '', rest = value] = /^([^']*)'[^']*'(.*)$/s.exec(value) ?? [];
  const bytes = rest.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return decodeHeader(decodeBytes(Buffer.from(bytes, 'latin1'), charset));
}
