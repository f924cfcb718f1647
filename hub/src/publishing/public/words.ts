/** What strangers write: refused where it holds personal data, since it may be published with the answer. */

import { Problem } from '../../platform/problem.ts';
import { findPersonal, type PersonalKind } from '../check/patterns.ts';
import { personalWords } from '../problems.ts';

const CALLED: Record<PersonalKind, string> = {
  ...{ 'citizen-id': '身份证号 / citizen id', phone: '手机号 / telephone', 'bank-card': '银行卡号 / bank card' },
  ...{
    passport: '护照号 / passport',
    token: '代号 / token',
    email: '邮箱 / e-mail',
    'fixed-phone': '电话 / telephone',
  },
  ...{ plate: '车牌号 / plate', name: '姓名 / name', door: '门牌地址 / address' },
};

/** Refuses texts that seem to hold personal data. */
export function refusePersonal(...texts: string[]): void {
  const kinds = new Set(texts.flatMap((t) => findPersonal(t)).map((f) => CALLED[f.kind]));
  if (kinds.size) throw new Problem(personalWords, { what: [...kinds].join('、') });
}
