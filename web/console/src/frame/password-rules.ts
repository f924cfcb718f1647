/** What the hub's default password policy asks, checked while typing. */

export interface RuleFeedback {
  rule: 'length' | 'classes' | 'login';
  met: boolean;
}

/** At least ten characters, of at least three of: lower case, upper case, digits, others; without the login name. */
export function passwordFeedback(password: string, login: string): RuleFeedback[] {
  const classes = [/[a-z]/, /[A-Z]/, /\d/, /[^A-Za-z0-9]/].filter((kind) => kind.test(password)).length;
  return [
    { rule: 'length', met: [...password].length >= 10 },
    { rule: 'classes', met: classes >= 3 },
    { rule: 'login', met: password !== '' && !password.toLowerCase().includes(login.toLowerCase()) },
  ];
}
