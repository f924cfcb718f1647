/** The state of a seal: waiting, signed, or signed and published; by sign, word and colour. */
import { CheckCircleOutlined, ClockCircleOutlined, SafetyCertificateOutlined } from '@ant-design/icons';
import { useSpeech } from '../i18n/index.ts';
import { Label } from './page.tsx';

/** What the state of a seal follows from. */
export interface StateOfSeal {
  state: 'pending' | 'sealed';
  publishedAt: string | null;
}

/** `pending`, `sealed` or `published`. */
export const stateOf = (seal: StateOfSeal): 'pending' | 'sealed' | 'published' =>
  seal.state === 'pending' ? 'pending' : seal.publishedAt ? 'published' : 'sealed';

const dress = {
  pending: { tone: 'warn', icon: <ClockCircleOutlined aria-hidden="true" /> },
  sealed: { tone: 'info', icon: <SafetyCertificateOutlined aria-hidden="true" /> },
  published: { tone: 'good', icon: <CheckCircleOutlined aria-hidden="true" /> },
} as const;

export function SealState({ seal }: { seal: StateOfSeal }) {
  const { t } = useSpeech();
  const state = stateOf(seal);
  const { tone, icon } = dress[state];
  return (
    <Label tone={tone} title={t(`trust.state-text.${state}`)}>
      {icon} {t(`trust.state.${state}`)}
    </Label>
  );
}
