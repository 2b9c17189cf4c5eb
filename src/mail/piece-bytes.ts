/** How much of a large mail is looked at in one go, in bytes. It takes a few milliseconds, and then others have a turn of the event loop. */
export const pieceBytes = 1 << 20;
