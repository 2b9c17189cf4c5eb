import type { Danger } from './dangerous-name.ts';

/** What bytes are, whatever they are called; an `archive` has files inside, whose names tell more. */
export type Content =
  | { readonly kind: 'dangerous'; readonly danger: Danger }
  | { readonly kind: 'archive'; readonly format: ArchiveFormat }
  /** One file, compressed; often a tar file. */
  | { readonly kind: 'gzip' }
  /** Microsoft's container of before 2007: it has to be read whole. */
  | { readonly kind: 'compound' }
  /** An archive or a compressed file that we cannot look into; `format` follows "is". */
  | { readonly kind: 'closed'; readonly format: string }
  | { readonly kind: 'other' };

export type ArchiveFormat = 'zip' | 'rar' | 'tar';

/** As many bytes of the beginning as `readContent` looks at: an ISO image names itself after 32 KiB. */
export const contentHead = 34 * 1024;

/** Tells by the beginning of a file what it is. */
export function readContent(head: Buffer): Content {
  for (const [danger, signs] of programs) {
    if (signs.some((sign) => startsWith(head, sign))) return { kind: 'dangerous', danger };
  }
  if (isWindowsProgram(head)) return { kind: 'dangerous', danger: 'a program' };
  if (isShellScript(head)) return { kind: 'dangerous', danger: 'a script' };
  if (head.toString('latin1', 0x8001, 0x8006) === 'CD001') {
    return { kind: 'dangerous', danger: 'a disk image' }; // ECMA-119 §8.1.2
  }
  if (startsWith(head, 'd0cf11e0a1b11ae1')) return { kind: 'compound' };
  if (startsWith(head, '504b0304') || startsWith(head, '504b0506')) return { kind: 'archive', format: 'zip' };
  if (startsWith(head, '526172211a07')) return { kind: 'archive', format: 'rar' };
  if (startsWith(head, '1f8b08')) return { kind: 'gzip' };
  if (head.toString('latin1', 257, 262) === 'ustar') return { kind: 'archive', format: 'tar' };
  const format = closedFormatOf(head);
  return format === undefined ? { kind: 'other' } : { kind: 'closed', format };
}

function closedFormatOf(head: Buffer): string | undefined {
  const known = closedFormats.find(([, sign]) => startsWith(head, sign));
  if (known) return known[0];
  // LHA's method stands behind the size and the sum of its first header.
  if (/^-l[hz][0-9a-z]-$/.test(head.toString('latin1', 2, 7))) return 'an LZH archive';
  return head.toString('latin1', 7, 14) === '**ACE**' ? 'an ACE archive' : undefined;
}

/** Node 20 unpacks none of them, and most pack their list of names as well. */
const closedFormats: readonly (readonly [string, string])[] = [
  ['a 7z archive', '377abcaf271c'],
  ['a file compressed by xz', 'fd377a585a00'],
  ['a file compressed by bzip2', '425a68'],
  ['a file compressed by Zstandard', '28b52ffd'],
  ['a file compressed by lzip', '4c5a495001'],
  ['a file compressed by LZ4', '04224d18'],
  ['a file compressed by compress', '1f9d'],
  ['a cabinet', '4d53434600000000'],
  ['an ARJ archive', '60ea'],
  ['a Windows image', '4d5357494d000000'],
];

/** What a compound file holds that is dangerous: a VBA project, or an installer's database ([MS-CFB], [MS-OVBA]). */
export function dangerOfCompound(bytes: Buffer): Danger | undefined {
  if (bytes.includes(installerClass)) return 'a program';
  return bytes.includes(vbaProject) || bytes.includes(macroSheet) ? 'a document with macros' : undefined;
}

/** Names inside are UTF-16LE. */
const vbaProject = Buffer.from('_VBA_PROJECT', 'utf16le');
/** How the properties of a workbook head the macro sheets of Excel 4 in its list of sheets. */
const macroSheet = Buffer.from('Excel 4.0 Macros', 'latin1');
/** {000C1084-0000-0000-C000-000000000046}, the root's class of an .msi. */
const installerClass = Buffer.from('84100c0000000000c000000000000046', 'hex');

const programs: readonly (readonly [Danger, readonly string[]])[] = [
  // ELF; Mach-O in both orders and of both widths; its universal form, which begins like a Java class.
  ['a program', ['7f454c46', 'feedface', 'feedfacf', 'cefaedfe', 'cffaedfe', 'cafebabe']],
  ['a program', ['6465780a']], // Android's dex
  ['a shortcut that can start programs', ['4c0000000114020000000000c000000000000046']], // [MS-SHLLINK] §2.1
  ['a disk image', ['7668647866696c65', '636f6e6563746978']], // vhdx, vhd
  ['a file that changes the system', ['49545346']], // compiled help
];

function startsWith(head: Buffer, hex: string): boolean {
  const sign = Buffer.from(hex, 'hex');
  return head.length >= sign.length && head.compare(sign, 0, sign.length, 0, sign.length) === 0;
}

/** "MZ" also begins words: a program has binary numbers right behind. */
function isWindowsProgram(head: Buffer): boolean {
  return (
    head.length >= 64 && head[0] === 0x4d && head[1] === 0x5a && head.subarray(2, 64).some((byte) => byte < 9)
  );
}

function isShellScript(head: Buffer): boolean {
  return /^(?:\xef\xbb\xbf)?#! ?\//.test(head.toString('latin1', 0, 8));
}
