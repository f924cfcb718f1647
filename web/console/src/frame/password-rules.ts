/** What the hub's password policy asks, checked while typing; the hub decides. */
import type { SignInOptions } from '../api/types.ts';

export type PasswordPolicy = SignInOptions['passwordPolicy'];

/** What stands until the hub has told its policy: the hub's own defaults. */
export const usualPolicy: PasswordPolicy = { minLength: 12, classes: 3, history: 5 };

export interface RuleFeedback {
  rule: 'length' | 'classes' | 'login' | 'history';
  /** The number that the rule's text names. */
  n: number;
  /** Null: only the hub can tell. */
  met: boolean | null;
}

/** Length in characters; kinds of lower case, upper case, digits, others; without the login name; not a former one. */
export function passwordFeedback(password: string, login: string, policy: PasswordPolicy): RuleFeedback[] {
  const text = password.normalize('NFKC');
  const kinds = [/\p{Ll}/u, /\p{Lu}/u, /\p{Nd}/u, /[^\p{Lu}\p{Ll}\p{Nd}]/u].filter((kind) => kind.test(text)).length;
  const rules: RuleFeedback[] = [{ rule: 'length', n: policy.minLength, met: [...text].length >= policy.minLength }];
  if (policy.classes > 1) rules.push({ rule: 'classes', n: policy.classes, met: kinds >= policy.classes });
  rules.push({ rule: 'login', n: 0, met: text !== '' && !text.toLowerCase().includes(login.toLowerCase()) });
  if (policy.history > 0) rules.push({ rule: 'history', n: policy.history, met: null });
  return rules;
}
