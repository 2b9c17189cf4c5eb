import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findAttachments } from '../../src/mail/attachment-dangers.ts';

const corpora = process.env.LISTWRIGHT_CORPORA;

/** What is dangerous in mime-robust, by the names of the files that hold it. All else in both corpora is harmless. */
const known: Readonly<Record<string, string>> = {
  'mimekit/message-partial.0.eml': 'it is a piece of a larger message, which nobody can look into',
  'mimekit/message-partial.2.eml': 'it is a piece of a larger message, which nobody can look into',
  'rspamd/bad_ext.dotted_file_name.eml': '"bad_ext.dotted_file_name.exe" is a program',
  // Their parts lack the empty line that others begin with: a fold that hides it, and none.
  'rspamd/fws_fn.eml': 'a part of it says twice, and not the same, what it is',
  'stalwart/malformed/020.eml': 'a part of it says twice, and not the same, what it is',
  'rspamd/next2last-digits_in_parens.eml': '"PDF417[3.2.4].msi" is a program',
  'rspamd/rar4.eml': '"f.rar" holds a program, fake.exe',
  'rspamd/zip.eml': '"f.zip" holds a program, fake.exe',
  'spamassassin/olevbmacro__malicemacro.eml': '"automacro.xlsm" is a document with macros',
  'spamassassin/olevbmacro__renamedmacro.eml': '"renamed.jpg" is a document with macros',
  'spamassassin/olevbmacro__zippwmacro.eml': '"macro.zip" holds a document with macros, macro.xlsm',
  'spamassassin/spam__hashbl': '"macro.xlsm" is a document with macros',
};

describe.skipIf(!corpora)('attachments in the corpora mime-robust and mime-parse', () => {
  const folders = ['mime-robust', 'mime-parse'].map((name) => join(corpora ?? '', name));

  it('the dangerous ones are found, and no others', () => {
    const found: Record<string, string> = {};
    for (const folder of folders) {
      for (const file of readdirSync(folder, { recursive: true, withFileTypes: true })) {
        // The .xml files tell what another program found in a mail, and are none.
        if (!file.isFile() || file.name.endsWith('.xml')) continue;
        const path = join(file.parentPath, file.name);
        for (const { danger } of findAttachments(readFileSync(path)))
          if (danger !== undefined) found[path.slice(folder.length + 1)] = danger;
      }
    }
    expect(found).toEqual(known);
  });

  it('none of them takes longer than 50 ms of processor', () => {
    const slow: [string, number][] = [];
    for (const folder of folders) {
      for (const file of readdirSync(folder, { recursive: true, withFileTypes: true })) {
        if (!file.isFile()) continue;
        const raw = readFileSync(join(file.parentPath, file.name));
        const before = process.cpuUsage();
        findAttachments(raw);
        const { user, system } = process.cpuUsage(before);
        if (user + system > 50_000) slow.push([file.name, (user + system) / 1000]);
      }
    }
    expect(slow).toEqual([]);
  });
});
