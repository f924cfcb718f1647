/** What the pages of services share: states, codes to copy, counters. */
import { CheckOutlined, CopyOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import { useState } from 'react';
import type { Answer } from '../../api/client.ts';
import { Label } from '../../components/page.tsx';
import { copyText } from '../../format/copy.ts';
import { useSpeech } from '../../i18n/index.ts';
import '../../styles/gateway.css';

export type Service = Answer<'/api/v1/gateway/services'>['items'][number];
export type ServiceDetail = Answer<'/api/v1/gateway/services/{id}'>;
export type Client = Answer<'/api/v1/gateway/clients'>['items'][number];

const serviceTones = {
  ready: 'good',
  stopped: 'bad',
  preparing: 'info',
  nothing: 'warn',
  failed: 'bad',
} as const;
const clientTones = { active: 'good', disabled: 'warn', ended: undefined, expired: 'bad' } as const;

/** Whether a service can be called now. */
export function ServiceState({ of }: { of: Service['state'] }) {
  const { t } = useSpeech();
  return <Label tone={serviceTones[of]}>{t(`gateway.service-state.${of}`)}</Label>;
}

/** Whether a client can be used now. */
export function ClientState({ of }: { of: Client['state'] }) {
  const { t } = useSpeech();
  return <Label tone={clientTones[of]}>{t(`gateway.client-state.${of}`)}</Label>;
}

/** Copies a text and says so. */
export function Copy({ text, label }: { text: string; label: string }) {
  const { t } = useSpeech();
  const [copied, setCopied] = useState(false);
  return (
    <Button
      size="small"
      type="text"
      icon={copied ? <CheckOutlined /> : <CopyOutlined />}
      aria-label={`${t('gateway.copy')} ${label}`}
      onClick={async () => {
        setCopied(await copyText(text));
        setTimeout(() => setCopied(false), 2000);
      }}
    >
      {copied ? t('gateway.copied') : t('gateway.copy')}
    </Button>
  );
}

/** A piece of code with its heading and a way to copy it. */
export function Code({ title, text }: { title: string; text: string }) {
  return (
    <figure className="gw-code">
      <figcaption className="row spread">
        <span className="small strong">{title}</span>
        <Copy text={text} label={title} />
      </figcaption>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard (WCAG 2.1.1). */}
      <pre tabIndex={0}>{text}</pre>
    </figure>
  );
}

/** An address or an id on one line, to copy. */
export function Address({ text, label }: { text: string; label: string }) {
  return (
    <span className="gw-address">
      <code>{text}</code>
      <Copy text={text} label={label} />
    </span>
  );
}
