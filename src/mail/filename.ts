import { decodeBytes } from './charset.ts';
import { readParameters } from './content-type.ts';
import { decodeWritten, tidyText } from './decode-header.ts';
import { findFields, firstValue } from './headers.ts';
import type { MimePart } from './mime-tree.ts';

type Named = Pick<MimePart, 'head' | 'parameters'>;

/** The name of an attachment, decoded: from Content-Disposition or else Content-Type; '' when it has none. At most 255 characters. */
export function readFilename(part: Named): string {
  return tidyFilename(writtenIn(disposition(part), 'filename') || writtenIn(part.parameters, 'name'));
}

/** Neither a path nor a control or direction character belongs to a name that people see and save. */
export function tidyFilename(name: string): string {
  return (tidyText(name).split(/[/\\]/).pop() ?? '').slice(0, 255);
}

/**
 * Every name that the part gives itself, decoded, with all its characters: mail programs differ in which one they believe, and a
 * hostile mail has a harmless one for us.
 */
export function writtenFilenames(part: Named): readonly string[] {
  const places = [
    [disposition(part), 'filename'],
    [part.parameters, 'name'],
  ] as const;
  const names = places.flatMap(([parameters, name]) => [
    writtenIn(parameters, name),
    decodeWritten(parameters.get(name) ?? ''),
  ]);
  const repeated = ['content-disposition', 'content-type'].flatMap((field) =>
    findFields(part.head, field).flatMap(({ value }) => everyName(value)),
  );
  return [...new Set([...names, ...repeated].filter((name) => name !== ''))];
}

/** A parameter may stand there twice, and the field itself: we read the first, others the last. */
function everyName(value: string): string[] {
  const written = value.slice(0, 4000).matchAll(/name\s{0,5}=\s{0,5}(?:"([^"]*)"|([^\s;"]+))/gi);
  return [...written].map(([, quoted, bare]) => decodeWritten(quoted ?? bare ?? ''));
}

function disposition({ head }: Named): ReadonlyMap<string, string> {
  return readParameters(firstValue(head, 'content-disposition')).parameters;
}

/** Plain, in pieces, and with a charset (RFC 2231 §3, §4), or with an encoded word, which many programs write there. */
function writtenIn(parameters: ReadonlyMap<string, string>, name: string): string {
  const extended = parameters.get(`${name}*`) ?? inPieces(parameters, name);
  if (extended !== undefined) return decodeExtended(extended);
  return decodeWritten(parameters.get(name) ?? '');
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
  const text = decodeBytes(Buffer.from(bytes, 'latin1'), charset);
  return text.includes('=?') ? decodeWritten(text) : text;
}
