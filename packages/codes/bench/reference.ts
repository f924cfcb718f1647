/**
 * The straightforward way to check the codes, as one writes it from the standard: a regular expression and a loop. The tests use it as an
 * independent witness, the bench as the yardstick.
 */

const USCC = '0123456789ABCDEFGHJKLMNPQRTUWXY';
const USCC_WEIGHTS = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];
const ORG = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ';

/** GB 32100-2015. */
export function referenceUscc(text: string): boolean {
  if (!/^[0-9A-HJ-NP-RTUWXY]{2}\d{6}[0-9A-HJ-NP-RTUWXY]{10}$/.test(text) || text.length !== 18) return false;
  let sum = 0;
  for (let i = 0; i < 17; i++) sum += USCC.indexOf(text.charAt(i)) * (USCC_WEIGHTS[i] ?? 0);
  return USCC.charAt((31 - (sum % 31)) % 31) === text.charAt(17);
}

/** The known mistake: without the last mod 31 every code that ends in 0 is refused. */
export function forgetfulUscc(text: string): boolean {
  if (!/^[0-9A-HJ-NP-RTUWXY]{2}\d{6}[0-9A-HJ-NP-RTUWXY]{10}$/.test(text)) return false;
  let sum = 0;
  for (let i = 0; i < 17; i++) sum += USCC.indexOf(text.charAt(i)) * (USCC_WEIGHTS[i] ?? 0);
  return USCC.charAt(31 - (sum % 31)) === text.charAt(17);
}

/** GB 11714, nine characters or ten with the hyphen. */
export function referenceOrgcode(text: string): boolean {
  if (!/^[0-9A-Z]{8}-?[0-9X]$/.test(text) || text.includes('\n')) return false;
  const weights = [3, 7, 9, 10, 5, 8, 4, 2];
  let sum = 0;
  for (let i = 0; i < 8; i++) sum += ORG.indexOf(text.charAt(i)) * (weights[i] ?? 0);
  const rest = 11 - (sum % 11);
  return (rest === 10 ? 'X' : rest === 11 ? '0' : String(rest)) === text.charAt(text.length - 1);
}

/** GS 15-2006, ISO 7064 MOD 11,10. */
export function referenceRegno(text: string): boolean {
  if (!/^\d{15}$/.test(text) || text.length !== 15) return false;
  let p = 10;
  for (let i = 0; i < 14; i++) {
    p = (p + Number(text.charAt(i))) % 10;
    if (p === 0) p = 10;
    p = (2 * p) % 11;
  }
  return (11 - p) % 10 === Number(text.charAt(14));
}

/** GB 11643-1999 with the birth date and the province. */
export function referenceCitizenId(text: string): boolean {
  if (!/^(1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[123])\d{15}[\dX]$/.test(text) || text.length !== 18)
    return false;
  const [year, month, day] = [Number(text.slice(6, 10)), Number(text.slice(10, 12)), Number(text.slice(12, 14))];
  const date = new Date(Date.UTC(year, month - 1, day));
  if (year < 1800 || year > 2099) return false;
  if (date.getUTCFullYear() !== year || date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return false;
  const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
  let sum = 0;
  for (let i = 0; i < 17; i++) sum += Number(text.charAt(i)) * (weights[i] ?? 0);
  return '10X98765432'.charAt(sum % 11) === text.charAt(17);
}

/** A mobile number by the first digits only; coarser than the package, which knows the assigned segments. */
export function referenceMobile(text: string): boolean {
  return /^1[3-9]\d{9}$/.test(text);
}

/** Area code, hyphen, seven or eight digits, extension. */
export function referenceFixedPhone(text: string): boolean {
  return /^(010|02[0-57-9]|0[3-9]\d{2})-[2-8]\d{6,7}(-\d{1,6})?$/.test(text);
}

/** Six digits. */
export function referencePostcode(text: string): boolean {
  return /^(?!000000)\d{6}$/.test(text);
}
