/** How much of what is random or long: 1 in CI; LISTWRIGHT_FAULT_ROUNDS=10 for a night. */
export const rounds = Number(process.env.LISTWRIGHT_FAULT_ROUNDS ?? 1);
