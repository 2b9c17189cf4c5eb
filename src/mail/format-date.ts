/** Epoch milliseconds as a Date field has it: `Sat, 21 Nov 2026 20:58:00 +0000` (RFC 5322 §3.3). */
export function formatDate(time: number): string {
  return new Date(time).toUTCString().replace('GMT', '+0000');
}
