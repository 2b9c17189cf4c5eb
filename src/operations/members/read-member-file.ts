import type { ColumnMap } from '../../domain/member-columns.ts';
import { decodeMemberFile, type MemberFile, parseMemberFile } from '../../domain/member-file.ts';
import { readAddress } from '../../mail/ascii-domain.ts';

/** A file of members as somebody hands it in (email.md §10.8), for the operations that take its rows. */
export function readMemberFile(bytes: Uint8Array, map?: ColumnMap): MemberFile {
  return parseMemberFile(decodeMemberFile(bytes), { readEmail: readAddress, ...(map && { map }) });
}
