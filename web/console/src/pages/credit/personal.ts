/** Numbers that name a person must not stand in an address (it is kept in histories and logs). */

const citizenId = /^[1-8]\d{5}(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx]$/;
const oldCitizenId = /^[1-8]\d{5}\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}$/;
const mobile = /^(?:\+?86)?1[3-9]\d{9}$/;

/** Whether a text looks like a citizen id number (18 or 15 places) or a mobile telephone number. */
export function looksPersonal(text: string): boolean {
  const bare = text.normalize('NFKC').replace(/[\s-]/g, '');
  return citizenId.test(bare) || oldCitizenId.test(bare) || mobile.test(bare);
}
