import { describe, expect, it } from 'vitest';
import { classifyFailure, type Failure, mentionsDmarc } from '../../src/domain/failure-class.ts';

/** As the SMTP session has it: `550 5.1.1 No such user`. */
function said(line: string): Failure {
  const [, code = '', text = ''] = /^(\d{3})?[ ]?(.*)$/.exec(line) ?? [];
  return { code: code === '' ? null : Number(code), text };
}

describe('what a server said in the session', () => {
  it.each([
    // Enhanced codes first.
    ['550 5.1.1 <bo@example.com>: Recipient address rejected: User unknown', 'gone'],
    ['550 5.1.1 The email account that you tried to reach does not exist.', 'gone'],
    ['550 5.1.2 Host unknown', 'gone'],
    ['501 5.1.3 Bad recipient address syntax', 'gone'],
    ['550 5.1.6 Recipient no longer on server', 'gone'],
    ['556 5.1.10 Domain has a null MX', 'gone'],
    ['550 5.4.4 Unable to route: no mail hosts for domain', 'gone'],
    ['550 5.4.310 DNS domain example.com does not exist', 'gone'],
    ['550 5.4.1 Recipient address rejected: Access denied. AS(201806281)', 'gone'],
    ['550 5.1.1 <bo@example.com>: Mailbox is full', 'full'],
    ['550 5.1.1 <bo@example.com>: account suspended for non-payment', 'full'],
    ['550 5.2.1 The account has been disabled', 'full'],
    ['550 5.2.1 User unknown', 'gone'],
    ['452 4.2.2 The email account that you tried to reach is over quota', 'full'],
    ['552 5.2.2 Mailbox full', 'full'],
    ['452 4.3.1 Insufficient system storage', 'temp-expired'],
    ['552 5.3.4 Message too big for system', 'policy'],
    ['450 4.1.1 User unknown in virtual alias table', 'gone'],
    // Large providers.
    [
      "550 5.7.26 Unauthenticated email from example.org is not accepted due to domain's DMARC policy",
      'policy',
    ],
    ['550 5.7.515 Access denied, sending domain example.org does not meet the required level', 'policy'],
    ['550 5.7.509 Access denied, sending domain does not pass DMARC verification', 'policy'],
    ['550 5.7.520 Access denied, Your organization does not allow external forwarding', 'policy'],
    ['421 4.7.28 Gmail has detected an unusual rate of unsolicited mail', 'policy'],
    ['421 4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred due to user complaints', 'policy'],
    ['554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org', 'policy'],
    ['553 5.1.3 http://www.spamhaus.org/query/bl?ip=192.0.2.1', 'policy'],
    ['550 5.1.8 <ana@example.org>: Sender address rejected: Domain not found', 'policy'],
    ['450 4.1.8 <ana@example.org>: Sender address rejected: Domain not found', 'policy'],
    ['553 5.1.2 <ana@example.org>: Sender address rejected: Domain not found', 'policy'],
    ['550 Sender address rejected: Domain not found', 'policy'],
    ['550 Sender verify failed: no such user', 'policy'],
    ['550 5.7.25 Client host rejected: cannot find your hostname', 'policy'],
    ['550 5.7.23 The message was rejected because of Sender Policy Framework violation', 'policy'],
    ['550 5.6.0 Lone CR or LF in headers', 'policy'],
    ['554 delivery error: dd This user doesn’t have a yahoo.com account', 'gone'],
    ['554 5.7.9 Message not accepted for policy reasons. See postmaster.yahooinc.com', 'policy'],
    // Then words.
    ['550 No such user here', 'gone'],
    ['550 Requested action not taken: mailbox unavailable', 'unknown'],
    ['550 Mailbox quota exceeded', 'full'],
    ['554 Message rejected as spam', 'policy'],
    ['550 SPF check failed', 'policy'],
    ['550 User unknown or blocked: you are on our blacklist', 'policy'],
    ['550 Sorry, this account is disabled', 'full'],
    ['550 The group may not exist, or you are not allowed to post there', 'unknown'],
    // Then basic codes.
    ['551 Not here', 'gone'],
    ['553 Not here', 'gone'],
    ['521 Not here', 'gone'],
    ['452 Later', 'full'],
    ['552 Never', 'full'],
    ['451 Later', 'temp-expired'],
    ['550 Never', 'unknown'],
    ['554 Never', 'unknown'],
    // Between us and the recipient.
    ['530 5.7.0 Must issue a STARTTLS command first', 'relay'],
    ['535 5.7.8 Error: authentication failed', 'relay'],
    ['554 5.7.1 <bo@example.com>: Relay access denied', 'relay'],
    ['550 5.6.7 the next server takes no addresses outside ASCII', 'relay'],
    // Nobody answered.
    ['5.1.2 there is no domain example.com', 'gone'],
    ['5.1.10 example.com takes no mail (null MX)', 'gone'],
    ['Connection timed out', 'temp-expired'],
    ['the line broke', 'unknown'],
  ])('%s → %s', (line, expected) => {
    expect(classifyFailure(said(line))).toBe(expected);
  });
});

describe('what a report says', () => {
  it.each<[string, Failure, string]>([
    ['a status alone', { status: '5.1.1', text: '' }, 'gone'],
    ['a telling code in the text before a vague status', { status: '5.0.0', text: '550 5.1.1 no' }, 'gone'],
    ['a telling status before a vague code in the text', { status: '5.2.2', text: '550 5.0.0 no' }, 'full'],
    ['an unknown user at RCPT', { status: '5.0.0', text: '550 User unknown', stage: 'rcpt' }, 'gone'],
    [
      'an unknown user after the text',
      { status: '5.0.0', text: '550 User unknown', stage: 'data' },
      'unknown',
    ],
    ['an unknown user who knows when', { status: '5.0.0', text: '550 User unknown' }, 'unknown'],
    ['a domain that is not in DNS, for now', { status: '4.0.0', text: 'NXDOMAIN' }, 'temp-expired'],
    ['a domain that is not in DNS', { status: '5.0.0', text: 'Host or domain name not found' }, 'gone'],
    ['nothing', { text: '' }, 'unknown'],
  ])('%s', (_, failure, expected) => {
    expect(classifyFailure(failure)).toBe(expected);
  });
});

it.each([
  ['550 5.7.26 This mail is unauthenticated', true],
  ["rejected by the domain's DMARC policy", true],
  ['550 5.7.1 blocked', false],
  ['version 15.7.26.1', false],
])('“%s” speaks of DMARC: %s', (text, expected) => {
  expect(mentionsDmarc(text)).toBe(expected);
});
