/** What moderators reject posts with most, in English; `reject_reasons` of a list stands in their place. */
export const cannedReasons: readonly string[] = [
  'It is not about what this list is for.',
  'It is advertising, which this list does not carry.',
  'Its tone is not how people talk to each other here. You are welcome to say it again in other words.',
];

/** For a moderator who gave none. */
export const defaultReason = 'A moderator decided that it does not fit here.';
