import { mkdirSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { tellBreakers } from '../../src/operations/bounces/tell-breakers.ts';
import { tendAiling } from '../../src/operations/bounces/tend-ailing.ts';
import { openForWriting } from '../../src/store/sqlite-connection.ts';
import { suppress } from '../../src/store/suppressions.ts';
import { lastDelivery, refuse, refuseAll, report, reportMail } from './failures.ts';
import {
  anna,
  birds,
  bo,
  complain,
  day,
  hold,
  joinByPage,
  olga,
  openPlace,
  type Place,
  type PrintedLine,
  post,
  putOff,
  root,
  strict,
} from './furnished.ts';
import { deliverOne } from './letterbox.ts';
import { signMail, writeMail } from './signed-mail.ts';
import type { WhenDone } from './stores.ts';

/**
 * Every command that prints a document, on a small installation in which each has something to say: the program's own database (SQLite),
 * checks and archives, a name server and an rspamd of ours. Throws where one does not end as it is expected to.
 */
export async function runEveryCommand(whenDone: WhenDone): Promise<readonly PrintedLine[]> {
  const place = await openPlace(whenDone);
  await lists(place);
  await members(place);
  await held(place);
  await rules(place);
  await archive(place);
  await explained(place);
  await failures(place);
  await queue(place);
  await keys(place);
  await configuration(place);
  await databases(place);
  return place.printed;
}

async function lists({ run }: Place): Promise<void> {
  const about = ['--title', 'Birds', '--purpose', 'Of the north', '--reply-to', 'author'];
  await run(['list', 'create', 'fowl', '--owner', olga, ...about]);
  await run(['list', 'rename', 'fowl', 'birds']);
  await run(['list', 'set', 'birds', 'subject_tag=[Birds]', 'footer=standard']);
  await run(['list', 'close', 'birds']);
  await run(['list', 'reopen', 'birds']);
  await run(['list', 'show', 'birds']);
  await run(['list', 'create', 'bats', '--owner', olga, '--reply-to', 'author']);
  await run(['list', 'ls']);
  await run(['list', 'delete', 'bats', '--yes']);
}

async function members(place: Place): Promise<void> {
  const { run, desk } = place;
  await desk.store.write(async (tx) => {
    for (const email of ['never@example.com', 'nobody@example.com'])
      await suppress(tx, { email, listId: 1, reason: 'never', now: desk.now });
  });
  const left = ['never@example.com', olga, 'birds-owner@lists.example.org'];
  await run(['member', 'add', 'birds', bo, ...left, '--consent', 'on paper'], { status: 1 });
  const file = [bo, 'cy@example.com', 'never@example.com', birds, 'nobody'].join('\n');
  const how = { status: 1, stdin: file } as const;
  await run(['member', 'import', 'birds', '-'], how);
  await run(['member', 'import', 'birds', '-', '--mode', 'invite'], how);
  await run(['member', 'import', 'birds', '-', '--mode', 'invite'], how);
  await run(['member', 'import', 'birds', '-', '--mode', 'direct', '--consent', 'on paper'], how);
  const wanted = {
    status: 1,
    stdin: [bo, 'di@example.com', 'nobody@example.com', birds].join('\n'),
  } as const;
  await run(['member', 'sync', 'birds', '-'], wanted);
  await run(['member', 'sync', 'birds', '-', '--yes'], wanted);
  await run(['member', 'remove', 'birds', 'di@example.com', 'cy@example.com'], { status: 1 });
  await run(['member', 'set', 'birds', bo, 'name=Bo Lind', 'own_copy=false']);
  await run(['member', 'ls', 'birds']);
  await run(['member', 'export', 'birds']);
  await joinByPage(place, 'eve@example.com');
  await run(['member', 'show', 'birds', 'eve@example.com']);
}

async function held(place: Place): Promise<void> {
  const { run, desk } = place;
  await run(['list', 'set', 'birds', 'moderated=true', 'post=anyone', 'spoof_protection=off']);
  const first = await hold(place, { from: 'Bo <bo@example.net>' });
  const second = await hold(place, { from: 'fay@example.com' });
  const third = await hold(place, { from: 'gil@example.com' });
  const fourth = await hold(place, { from: 'hal@example.com' });
  const fifth = await hold(place, { from: olga });
  const spam = await hold(place, {
    from: 'ida@example.com, jo@example.com',
    envelopeSender: 'ida@example.com',
  });
  await desk.store.write((tx) =>
    tx.updateTable('held').set({ spam: 1 }).where('id', '=', Number(spam)).execute(),
  );
  await run(['held', 'claim', first, second]);
  await run(['held', 'claim', second, '--release']);
  await run(['held', 'ls']);
  await run(['held', 'ls', 'birds', '--spam']);
  await run(['held', 'show', first]);
  await run(['held', 'approve', first, '--allow']);
  await run(['held', 'reject', second, '--ban']);
  await run(['held', 'reject', '999', third], { status: 1 });
  await run(['held', 'discard', fourth, '--ban']);
  await run(['held', 'approve', fifth]);
  await run(['held', 'discard', spam]);
  await run(['held', 'show', second]);
  await run(['list', 'set', 'birds', 'moderated=false', 'post=members', 'spoof_protection=standard']);
  await showOfDeletedList(place);
}

async function showOfDeletedList(place: Place): Promise<void> {
  const { run } = place;
  await run(['list', 'create', 'terns', '--owner', olga, '--reply-to', 'author']);
  await run(['list', 'set', 'terns', 'moderated=true']);
  const only = await hold(place, { to: 'terns@lists.example.org' });
  await run(['held', 'discard', only]);
  await run(['held', 'approve', await hold(place, { to: 'terns@lists.example.org' })]);
  await run(['list', 'delete', 'terns', '--yes']);
  await run(['held', 'show', only]);
}

async function rules({ run }: Place): Promise<void> {
  for (const action of ['allow', 'hold', 'reject', 'discard']) {
    await run(['sender', action, 'birds', '*@spam.example']);
    await run(['sender', action, 'birds', '/^bo@/', '--dry-run']);
  }
  await run(['sender', 'hold', '--site', '*@example.com', '--dry-run']);
  await run(['sender', 'discard', '--site', 'mallory@example.com']);
  await run(['sender', 'ls']);
  await run(['sender', 'forget', 'birds', '*@spam.example']);
  await run(['sender', 'forget', '--site', 'mallory@example.com']);
  for (const action of ['accept', 'hold', 'reject', 'discard'])
    await run(['header', action, 'birds', 'Subject', 'casino']);
  for (const action of ['accept', 'hold', 'reject', 'discard'])
    await run(['header', action, 'birds', 'Subject', '.', '--dry-run']);
  await run(['header', 'hold', '--site', 'X-Casino', 'yes']);
  await run(['header', 'ls']);
  await run(['header', 'forget', 'birds', 'Subject', 'casino']);
  await run(['header', 'forget', '--site', 'X-Casino', 'yes']);
}

async function archive({ run, folder, file }: Place): Promise<void> {
  mkdirSync(join(folder, 'old'));
  file('old/1.eml', 'From: Kit <kit@example.com>\nMessage-ID: <1@x>\nSubject: Wren\n\nIt sings.\n');
  file('old/2.eml', '\nThis has no header.\n');
  await run(['archive', 'import', 'birds', join(folder, 'old')], { status: 1 });
  await run(['archive', 'export', 'birds', '--to', join(folder, 'birds.mbox')]);
  const [wren] = (await run(['archive', 'search', 'sings'])) as readonly { readonly id: number }[];
  await run(['archive', 'lock', `${wren?.id}`]);
  await run(['archive', 'unlock', `${wren?.id}`]);
  await run(['archive', 'reindex', 'birds']);
}

async function explained(place: Place): Promise<void> {
  const { run, file } = place;
  await run(['member', 'add', 'birds', 'anna@alice.example']);
  const signed = await signMail(writeMail({ from: 'Anna <anna@alice.example>', to: birds }), anna);
  const mail = file('signed.eml', signed);
  await run(['policy', 'explain', 'birds', mail]);
  await run(['rewrite', 'explain', 'birds', mail]);
  await run(['dkim', 'new']);
  await run(['rewrite', 'explain', 'birds', mail]);
  const invitation = 'From: x@silent.example\r\nContent-Type: text/calendar\r\n\r\nBEGIN:VCALENDAR\r\n';
  await run(['rewrite', 'explain', 'birds', file('invitation.eml', invitation)]);
  await run(['policy', 'explain', 'birds', file('malformed.eml', 'To: x\r\n\r\n')]);
  await run(['sender', 'allow', 'birds', 'eve@stranger.example']);
  await run(['sender', 'allow', '--site', 'ann@stranger.example']);
  await run(['header', 'hold', 'birds', 'Subject', 'nests']);
  await run(['header', 'hold', '--site', 'Subject', 'nests']);
  await explainSpam(place);
}

/** With a dangerous file, and a spam filter that has something to say. */
async function explainSpam({ as, file }: Place): Promise<void> {
  const rspamd = createServer((request, response) => {
    request.resume();
    response.end(JSON.stringify({ action: 'add header', score: 7.5, symbols: { CASINO: { score: 7.5 } } }));
  });
  await new Promise<void>((listening) => void rspamd.listen(0, '127.0.0.1', listening));
  const { run } = as({ 'checks.rspamd': `http://127.0.0.1:${(rspamd.address() as AddressInfo).port}` });
  try {
    for (const from of ['eve@stranger.example', 'ann@stranger.example'])
      await run(['policy', 'explain', 'birds', file(`${from}.eml`, mailWithFiles(from))]);
  } finally {
    rspamd.closeAllConnections();
    rspamd.close();
  }
}

async function failures({ run, desk }: Place): Promise<void> {
  await run(['member', 'add', 'birds', ...strict]);
  for (let i = 0; i < 3; i++) {
    await deliverOne(desk, post({ subject: `Day ${i}` }));
    await refuse(desk, bo, '550 5.1.1 No such user');
    desk.now += day;
  }
  await desk.operate(tendAiling, {});
  await report(desk, 'eve@example.com', reportMail('eve@example.com', '552 5.2.2 Mailbox full'));
  await run(['bounce', 'show', bo]);
  await run(['member', 'show', 'birds', bo]);
  await run(['bounce', 'show', 'anna@alice.example']);
  desk.now = Date.now();
  await deliverOne(desk, post({ subject: 'Casinos' }));
  await refuseAll(desk, strict.slice(0, 5), '554 5.7.1 Message rejected as spam');
  await run(['bounce', 'ls']);
  await run(['bounce', 'reset', bo]);
  await desk.operate(tellBreakers, {});
  await refuse(desk, root, '550 5.1.1 No such user');
  await run(['bounce', 'show', root]);
  await complain(desk, 'eve@example.com');
  await run(['bounce', 'show', 'eve@example.com']);
}

async function queue({ run, desk }: Place): Promise<void> {
  const idOf = async (email: string) => `${(await lastDelivery(desk, email)).id}`;
  const [first = '', second = '', third = ''] = strict.slice(5);
  const put = await idOf('anna@alice.example');
  await putOff(desk, put, { code: 451, reply: '4.3.0 Later', unanswered: false });
  await putOff(desk, put, { code: null, reply: 'nothing answers', unanswered: true });
  await run(['queue', 'ls']);
  for (const options of [['--failed'], ['--deferred'], ['--list', 'birds'], ['--domain', 'strict.example']])
    await run(['queue', 'ls', ...options]);
  await run(['queue', 'ls', '--before', put]);
  await run(['queue', 'ls', '--limit', '1']);
  for (const id of [put, await idOf(bo), await idOf(root)]) await run(['queue', 'show', id]);
  await run(['queue', 'retry', put]);
  await run(['queue', 'pause']);
  await run(['queue', 'retry', put, '9999'], { status: 1 });
  await run(['queue', 'ls']);
  await run(['queue', 'resume']);
  await run(['queue', 'cancel', await idOf(first), await idOf(second), '--yes']);
  await run(['queue', 'show', await idOf(third)]);
  await run(['queue', 'cancel', '--all', '--yes']);
  await run(['queue', 'ls']);
  await run(['stats']);
  await run(['stats', 'birds']);
}

interface ShownKey {
  readonly selector: string;
  readonly record: { readonly name: string };
}

async function keys({ run, dns }: Place): Promise<void> {
  const made = (await run(['dkim', 'new', '--algorithm', 'ed25519'])) as ShownKey;
  const rsa = (await run(['dkim', 'new'])) as ShownKey;
  dns.tell({ [rsa.record.name]: 'servfail' });
  await run(['dkim', 'activate', made.selector, '--force']);
  const { replaces } = (await run(['dkim', 'activate', rsa.selector, '--force'])) as { replaces: string };
  await run(['dkim', 'retire', replaces]);
  await run(['dkim', 'show']);
}

async function configuration({ run, file, as }: Place): Promise<void> {
  const bad = file('bad.toml', '[smtp]\nmax_sise = 1\n');
  const whole = file('broken.toml', 'hostname =\n');
  const good = file('good.toml', '[delivery]\ntransport = "capture"\n');
  await run(['config', 'check', '--config', bad], { status: 1 });
  await run(['config', 'check', '--config', whole], { status: 1 });
  await run(['config', 'check', '--config', good]);
  await as({
    'delivery.transport': 'smarthost',
    'delivery.smarthost': 'smtp://127.0.0.1:25',
    operators: '',
  }).run(['config', 'check']);
  await run(['config', 'show', '--config', good]);
  await run(['config', 'show']);
}

async function databases({ run, as, folder }: Place): Promise<void> {
  await run(['db', 'migrate']);
  await run(['db', 'check']);
  await run(['db', 'backup', join(folder, 'backup.db')]);
  const moved = as({ 'database.url': 'sqlite:moved.db' });
  await moved.run(['db', 'restore', join(folder, 'backup.db'), '--yes']);
  await moved.run(['db', 'restore', join(folder, 'backup.db'), '--yes']);
  await moved.run(['db', 'copy', '--to', 'sqlite:copy.db']);
  const connection = openForWriting(join(folder, 'moved.db'));
  connection.raw.pragma('foreign_keys = OFF');
  connection.raw.exec("insert into consents (membership_id, how, wording, at) values (99999, 'web', '', 0)");
  connection.close();
  await moved.run(['db', 'check'], { status: 1 });
}

function mailWithFiles(from: string): string {
  const part = (name: string) =>
    `--b\r\nContent-Type: application/octet-stream\r\nContent-Disposition: attachment; filename="${name}"\r\n\r\nMZ\r\n`;
  return [
    `From: ${from}`,
    `To: ${birds}`,
    'Subject: Nests',
    'MIME-Version: 1.0',
    'Content-Type: multipart/mixed; boundary=b',
    '',
    `--b\r\n\r\nText\r\n${part('setup.exe')}${part('nests.7z')}${part('nests.bin')}--b--\r\n`,
  ].join('\r\n');
}
