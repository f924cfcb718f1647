/** What the pages of subscriptions share: health in words, icon and colour, a secret that is shown once. */
import {
  CheckCircleOutlined,
  ClockCircleOutlined,
  CopyOutlined,
  DisconnectOutlined,
  ExclamationCircleOutlined,
  PauseCircleOutlined,
  StopOutlined,
  WarningOutlined,
} from '@ant-design/icons';
import { App, Button, Modal } from 'antd';
import type { ReactNode } from 'react';
import type { Answer } from '../../api/client.ts';
import { Label } from '../../components/page.tsx';
import { full } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';

export type Subscription = Answer<'/api/v1/subscriptions/{id}'>;
export type Summary = Answer<'/api/v1/subscriptions'>['items'][number];

const marks: Record<Summary['health'], { tone?: 'good' | 'warn' | 'bad' | 'info'; icon: ReactNode }> = {
  ok: { tone: 'good', icon: <CheckCircleOutlined /> },
  waiting: { tone: 'info', icon: <ClockCircleOutlined /> },
  failing: { tone: 'warn', icon: <ExclamationCircleOutlined /> },
  open: { tone: 'bad', icon: <WarningOutlined /> },
  paused: { tone: 'warn', icon: <PauseCircleOutlined /> },
  halted: { tone: 'warn', icon: <DisconnectOutlined /> },
  ended: { icon: <StopOutlined /> },
};

/** How a subscription is doing. */
export function Health({ of }: { of: Summary['health'] }) {
  const { t } = useSpeech();
  const { tone, icon } = marks[of];
  return (
    <Label tone={tone}>
      <span aria-hidden="true" style={{ marginInlineEnd: 4 }}>
        {icon}
      </span>
      {t(`subscriptions.health.${of}`)}
    </Label>
  );
}

/** How far it is behind, in changes and minutes. */
export function Lag({ of }: { of: Summary['lag'] }) {
  const { t } = useSpeech();
  if (of.snapshot) return <span>{t('subscriptions.lag-snapshot')}</span>;
  if (!of.changes) return <span className="quiet">{t('subscriptions.lag-none')}</span>;
  return (
    <span title={t('subscriptions.lag-note')}>
      <span className="num">{t('subscriptions.lag-changes', { n: full(of.changes) })}</span>
      {of.minutes === null ? null : (
        <span className="small quiet num" style={{ display: 'block' }}>
          {t('subscriptions.lag-minutes', { n: full(Math.round(of.minutes)) })}
        </span>
      )}
    </span>
  );
}

/** A secret, this once. */
export function Secret({ kind, value, onClose }: { kind: Summary['kind']; value: string; onClose: () => void }) {
  const { t } = useSpeech();
  const { message } = App.useApp();
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(value);
      message.success(t('subscriptions.copied'));
    } catch {
      // Without a clipboard it is selected by hand.
    }
  };
  return (
    <Modal
      open
      closable={false}
      mask={{ closable: false }}
      keyboard={false}
      title={t(kind === 'pull' ? 'subscriptions.token' : 'subscriptions.secret')}
      footer={
        <>
          <Button icon={<CopyOutlined />} onClick={() => void copy()}>
            {t('subscriptions.copy')}
          </Button>
          <Button type="primary" onClick={onClose}>
            {t('subscriptions.secret-saved')}
          </Button>
        </>
      }
    >
      <div className="stack-s">
        <p className="note warn">{t('subscriptions.secret-once')}</p>
        <p>
          <code style={{ overflowWrap: 'anywhere', userSelect: 'all' }}>{value}</code>
        </p>
        <p className="small quiet">{t(kind === 'pull' ? 'subscriptions.token-use' : 'subscriptions.secret-use')}</p>
      </div>
    </Modal>
  );
}
