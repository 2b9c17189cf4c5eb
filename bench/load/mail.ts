let made = 0;

export interface MailShape {
  readonly from: string;
  readonly to: string;
  /** Of the whole message, roughly. */
  readonly bytes: number;
}

/** The mail server in front, as it names itself in Authentication-Results. */
export const frontServer = 'mx.example.net';

const line = 'The committee of the reading room agreed on the next steps of the catalogue migration.\r\n';

/** A post in plain text whose sender the server in front has checked, as it stands between DATA and the final dot; no two have the same Message-ID. */
export function makeMail({ from, to, bytes }: MailShape): Buffer {
  made += 1;
  const head = [
    `Authentication-Results: ${frontServer}; dmarc=pass (p=none dis=none) header.from=${from.slice(from.indexOf('@') + 1)}`,
    `From: Poster <${from}>`,
    `To: ${to}`,
    'Subject: Of the reading room',
    'Date: Fri, 20 Nov 2026 10:00:00 +0000',
    `Message-ID: <${process.pid}.${process.hrtime.bigint()}.${made}@example.org>`,
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: 7bit',
    '',
    `Post ${made}`,
    '',
  ].join('\r\n');
  const lines = Math.max(1, Math.round((bytes - head.length) / line.length));
  return Buffer.from(`${head}${line.repeat(lines)}`);
}

export function makeMails(count: number, shape: MailShape): Buffer[] {
  return Array.from({ length: count }, () => makeMail(shape));
}
