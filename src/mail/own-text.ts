/**
 * What a person wrote in a mail, without what their mail program put around it. A heuristic: it serves commands, confirmations and
 * moderators' answers, where the first lines matter, and is wrong now and then about the rest.
 */

/** Longest text looked at, in characters; a command stands far above it. */
const maxText = 64 * 1024;
const maxLines = 2000;

/**
 * The person's own words in a plain text (email.md §2.2): without quotes, what follows a reply header or a signature mark, and "Sent
 * from my …"; LF line ends, no-break spaces and typographic quotes made plain. '' when nothing is left. Stops after `limit` lines
 * that are not blank.
 */
export function ownText(text: string, limit = maxLines): string {
  const lineAt = plainLines(text.slice(0, maxText));
  const own: string[] = [];
  let taken = 0;
  for (let at = 0; taken < limit; at++) {
    const line = lineAt(at);
    if (line === undefined) break;
    if (/^\s*>/.test(line)) continue;
    if (endsOwnText(lineAt, at)) break;
    const header = replyHeaderLength(lineAt, at);
    // The quote under a reply header may lack quote marks; only where it has them can the answer stand below it.
    if (header > 0 && !isQuoted(lineAt, at + header)) break;
    if (header > 0) {
      at += header - 1;
      continue;
    }
    own.push(line);
    if (line.trim() !== '') taken++;
  }
  return own
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}

const marks = new Set(` \t"'<>.!,;*_()`);

/** Without the quotes, brackets, stops and emphasis around it. */
export function stripMarks(line: string): string {
  let start = 0;
  let end = line.length;
  while (start < end && marks.has(line[start] ?? '')) start++;
  while (end > start && marks.has(line[end - 1] ?? '')) end--;
  return line.slice(start, end);
}

/** The line at an index, made plain; undefined after the last one. */
type LineAt = (index: number) => string | undefined;

/** Lines are made as they are asked for: of each post to a list the first few are looked at, of most no more than these. */
function plainLines(text: string): LineAt {
  const lines: string[] = [];
  let start = 0;
  return (index) => {
    while (lines.length <= index && lines.length < maxLines && start <= text.length) {
      lineEnd.lastIndex = start;
      const end = lineEnd.exec(text);
      lines.push(plainLine(text.slice(start, end?.index)));
      start = end ? lineEnd.lastIndex : text.length + 1;
    }
    return lines[index];
  };
}

function following(lineAt: LineAt, from: number, count: number): string[] {
  return Array.from({ length: count }, (_, i) => lineAt(from + i)).filter((line) => line !== undefined);
}

const lineEnd = /\r\n?|\n/g;

function plainLine(line: string): string {
  if (!/[\u0080-\uffff]/.test(line)) return line;
  return line
    .replace(/[\u00ad\u200b-\u200d\u2060\ufeff]/g, '')
    .replace(/[\u00a0\u2000-\u200a\u202f\u3000]/g, ' ')
    .replace(/[\u2018\u2019\u201a\u201b\u2032]/g, "'")
    .replace(/[\u201c-\u201f\u2033\u00ab\u00bb]/g, '"');
}

/** A mark after which nothing is the person's answer: signature, original message, forwarded message, mail program's advertisement. */
function endsOwnText(lineAt: LineAt, at: number): boolean {
  const line = (lineAt(at) ?? '').trim();
  if (line.length > 200) return false;
  return (
    /^(--|—|–{2}|—{2,}|_{3,}|-{5,}|={5,})$/.test(line) || // RFC 3676 §4.3 and its cousins
    isOriginalMark(line) ||
    advertisement.test(line) ||
    isHeaderBlock(lineAt, at)
  );
}

/** `-----Original Message-----`, `---- On Tue, 22 Dec 2015 Sam wrote ----` */
function isOriginalMark(line: string): boolean {
  const inner = /^[-_=]{2,}([^-_=].*[^-_=])[-_=]{2,}$/.exec(line)?.[1] ?? /^-{4,} ?(.*)$/.exec(line)?.[1];
  return inner !== undefined && (originalMark.test(inner) || writes.test(inner));
}

const originalMark = new RegExp(
  [
    'message|mensaje|messaggio|mensagem|nachricht|bericht|e-?mail|meddelande|meddelelse|melding|viesti|wiadomo',
    'zpráva|üzenet|ileti|mesaj|сообщение|письмо|повідомлення|μήνυμα|メッセージ|邮件|郵件|메시지|original',
  ].join('|'),
  'iu',
);

/** Signatures of telephones and mail programs, in the languages they speak. */
const advertisement = new RegExp(
  `^[<(*\\[]*(?:${[
    'sent (?:from|by|via|with|using) (?:my|mail\\b|\\[mail|mailbox|outlook|yahoo|gmail|windows|samsung|galaxy|airmail|proton|spark|a |an |the |mobile|iphone|ipad|android|blackberry)',
    'get outlook for',
    'from my (?:iphone|ipad|android|mobile|blackberry)',
    'von meinem .{2,40}gesendet',
    'diese nachricht wurde von meinem',
    'gesendet (?:von|mit|über|aus)\\b',
    'holen sie sich outlook',
    'envoy[ée] (?:de|depuis|à partir|avec)\\b',
    '(?:obtenir|téléchargez) outlook',
    'enviado (?:desde|do|de|da|a partir|con|via)\\b',
    'inviato (?:da|dal|con)\\b',
    'verzonden (?:vanaf|vanuit|met|via)\\b',
    'verstuurd (?:vanaf|vanuit|met|via)\\b',
    '(?:skickat|skickades) från',
    '(?:sendt|sent) fra\\b',
    'lähetetty\\b',
    'wysłan[eo]? (?:z|ze)\\b',
    'odesláno z',
    'küldve\\b',
    'отправлено (?:с|из)\\s',
    'надіслано з',
    '.{0,20}cihazımdan gönderildi',
    '发自我的|发自|發自|從我的|从我的|.{0,10}から送信|.{0,12}에서 보냄',
  ].join('|')})`,
  'iu',
);

/** `From: … / Sent: … / To: …`: at least two such lines close together. */
function isHeaderBlock(lineAt: LineAt, at: number): boolean {
  if (!senderLabel.test(lineAt(at) ?? '')) return false;
  return following(lineAt, at + 1, 5).filter((line) => otherLabel.test(line)).length >= 1;
}

const labelStart = '^\\s*[*_]{0,2}';
const labelEnd = '\\s?[*_]{0,2}\\s?[:：]';
const senderLabel = new RegExp(
  `${labelStart}(?:from|de|von|da|van|fra|från|lähettäjä|od|feladó|kimden|от|від|από|发件人|寄件者|差出人|보낸 사람)${labelEnd}`,
  'iu',
);
const otherLabel = new RegExp(
  `${labelStart}(?:${[
    'sent|date|to|subject|cc|reply-to',
    'gesendet|datum|an|betreff',
    'envoyé(?: le)?|à|objet',
    'enviado(?: el| em)?|fecha|para|asunto|assunto|data',
    'inviato|a|oggetto|risposta',
    'verzonden|aan|onderwerp',
    'skickat|till|ämne|sendt|til|emne',
    'lähetetty|aihe|vastaanottaja',
    'wysłano|do|temat|data',
    'odesláno|komu|předmět|küldve|címzett|tárgy|gönderildi|kime|konu',
    'отправлено|дата|кому|тема|надіслано',
    '发送时间|发送日期|收件人|主题|日期|傳送|送信日時|宛先|件名|보낸 날짜|받는 사람|제목',
  ].join('|')})${labelEnd}`,
  'iu',
);

/** "wrote" and its like; a whole word where the script has such. */
const writes = new RegExp(
  `(?:^|[^\\p{L}])(?:${[
    'wrote|writes|schrieb|schrieben|geschrieben|a écrit|écrit|escribió|escribio|ha scritto|escreveu|schreef|skrev|kirjoitti',
    'napisał|napisała|napisał\\(a\\)|napsal|napsala|írta|yazdı|scris|написал|написала|написав|пише|пишет|писал|έγραψε',
  ].join('|')})(?![\\p{L}])|写道|寫道|書きました|写了|wrote:|작성|님이`,
  'iu',
);
const longestHeader = 400;
/** A reply header is folded to this many lines at most, blank ones between included. */
const headerLines = 6;

/** How many lines the reply header takes that starts here ("On … Alice wrote:"); 0 when none does. */
function replyHeaderLength(lineAt: LineAt, at: number): number {
  const first = lineAt(at) ?? '';
  const strong = strongStart.test(first);
  if (!strong && !dated.test(first)) return 0;
  let text = '';
  for (let count = 1; count <= headerLines && lineAt(at + count - 1) !== undefined; count++) {
    const line = (lineAt(at + count - 1) ?? '').trim();
    const interrupted = count > 1 && (strongStart.test(line) || (line === '' && !strong));
    if (interrupted || /^>(?!\s{0,5}(?:wrote)?\s{0,5}:)/.test(line)) return 0;
    text = `${text} ${line}`.trim();
    if (text.length > longestHeader) return 0;
    if (isReplyHeader(text, lineAt(at + count) ?? '')) return count;
  }
  return 0;
}

/** A date or an address: nearly every reply header has one on its first line, few other lines do. */
const dated = /\d[:.]\d\d|\d{4}|\d{1,2}[/.-]\d{1,2}|[^\s@]@[^\s@]/;
/** The words reply headers begin with, before a day or a date. */
const strongStart = /^\s*(?:on|am|le|el|il|in data|em|op|den|dnia|w dniu|v|в)\s[^<>]{0,30}\d/iu;

/** Says who wrote when. A sentence of the person that does so ends in more than a colon, or carries no date or address. */
function isReplyHeader(text: string, next: string): boolean {
  if (!dated.test(text)) return false;
  if (/[:：]$/.test(text)) return writes.test(text) || endsInAddress(text);
  // Gmail of 2013 wrote no verb and no colon: `2013/7/20 sam <info@example.org>` and then the quote.
  return /^\d/.test(text) && endsInAddress(text) && next.trim() === '';
}

/** `20/07/2013 sam <info@example.org>:`. Not one pattern: where it may begin, hold its @ and end, a hostile line has millions of ways. */
function endsInAddress(text: string): boolean {
  const shown = text.replace(/:$/, '').trimEnd();
  const open = shown.lastIndexOf('<');
  return open > 0 && /^<[^<>@]+@[^<>@]+>$/.test(shown.slice(open)) && /\d/.test(shown.slice(0, open));
}

/** Whether the next line with anything on it is quoted. */
function isQuoted(lineAt: LineAt, from: number): boolean {
  const next = following(lineAt, from, 5).find((line) => line.trim() !== '');
  return next !== undefined && /^\s*>/.test(next);
}
