/** What steps are called, those of the machine and those that stand beside it. */
import type { Bilingual } from '../platform/i18n/index.ts';
import { machine } from './machine.ts';

const t = (zh: string, en: string): Bilingual => ({ zh, en });
const beside: Readonly<Record<string, Bilingual>> = {
  draft: t('起草', 'Drafted'),
  raise: t('提出争议', 'Dispute raised'),
  opened: t('服务接口已开通', 'Service interface opened'),
  deliver: t('开始制作交付', 'Delivery asked for'),
  delivered: t('交付完成', 'Delivered'),
  'delivery-failed': t('交付失败', 'Delivery failed'),
  receipt: t('确认收讫，指纹一致', 'Receipt confirmed, fingerprint agrees'),
  'receipt-differs': t('确认收讫，指纹不一致', 'Receipt with another fingerprint'),
  brought: t('已送达接收目标并确认收讫', 'Brought to its target, which confirmed it'),
  'not-brought': t('未能送达接收目标', 'Did not reach its target'),
  doubt: t('提出校核', 'Correction asked for'),
  corrected: t('告知已更正的数据', 'Told of a wrong value'),
  'ask-extension': t('申请延期', 'Extension asked for'),
  'consent-extension': t('同意延期并告知需求部门', 'Extension consented, requester told'),
  'decline-extension': t('不同意延期', 'Extension declined'),
  warning: t('时限将至提醒', 'Warned before the end'),
  overdue: t('超期', 'Overdue'),
  computed: t('节假日安排已发布，算出时限', 'Due day computed'),
};

/** A step's title; an action that nobody declared is shown by its name. */
export function stepTitle(matter: string, action: string): Bilingual {
  const own =
    matter in machine ? machine[matter as keyof typeof machine].rows.find((r) => r.action === action) : undefined;
  return own?.title ?? beside[action] ?? t(action, action);
}
