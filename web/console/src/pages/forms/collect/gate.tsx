/** Before the collect pages: the store on this phone is opened, its PIN asked for, or said why this cannot work. */
import { Button, Input } from 'antd';
import { type ReactNode, useId, useState } from 'react';
import { Page } from '../../../components/page.tsx';
import { Failure, Skeleton } from '../../../components/states.tsx';
import { useSpeech } from '../../../i18n/index.ts';
import { CollectProvider, useCollect } from '../offline/collect.tsx';
import { WrongPin } from '../offline/crypto.ts';

export function CollectGate({ title, children }: { title: string; children: ReactNode }) {
  return (
    <>
      {/* The pages may be put on the phone's home screen. */}
      <link rel="manifest" href="/collect.webmanifest" />
      <link rel="apple-touch-icon" href="/collect-192.png" />
      <CollectProvider>
        <Opened title={title}>{children}</Opened>
      </CollectProvider>
    </>
  );
}

function Opened({ title, children }: { title: string; children: ReactNode }) {
  const { t } = useSpeech();
  const { state, fault } = useCollect();
  if (state === 'open') return children;
  return (
    <Page title={title}>
      {state === 'opening' ? <Skeleton rows={4} /> : null}
      {state === 'locked' ? <Unlock /> : null}
      {state === 'impossible' ? (
        <div className="stack-s">
          <p className="note warn">
            {t(globalThis.isSecureContext ? 'forms.collect.no-store' : 'forms.collect.no-https')}
          </p>
          {fault ? <Failure error={fault} /> : null}
        </div>
      ) : null}
    </Page>
  );
}

function Unlock() {
  const { t } = useSpeech();
  const { unlock } = useCollect();
  const id = useId();
  const [pin, setPin] = useState('');
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState(0);
  const open = async () => {
    setBusy(true);
    try {
      await unlock(pin);
    } catch (error) {
      if (!(error instanceof WrongPin)) throw error;
      // Ever slower: guessing on this page must not be quick.
      await new Promise((resolve) => setTimeout(resolve, Math.min(30_000, 500 * 2 ** wrong)));
      setWrong((n) => n + 1);
      setPin('');
    } finally {
      setBusy(false);
    }
  };
  return (
    <form
      className="collect-card"
      style={{ maxWidth: 420 }}
      onSubmit={(event) => {
        event.preventDefault();
        void open();
      }}
    >
      <h2>{t('forms.pin.ask')}</h2>
      <p className="quiet">{t('forms.pin.ask-text')}</p>
      <label htmlFor={id}>{t('forms.pin.pin')}</label>
      <Input.Password
        id={id}
        size="large"
        value={pin}
        inputMode="numeric"
        autoComplete="off"
        maxLength={32}
        autoFocus
        onChange={(event) => setPin(event.target.value)}
      />
      {wrong ? (
        <p className="bad-text" aria-live="polite">
          {t('forms.pin.wrong', { n: wrong })}
        </p>
      ) : null}
      <Button type="primary" htmlType="submit" size="large" loading={busy} disabled={pin.length < 4}>
        {t('forms.pin.open')}
      </Button>
    </form>
  );
}
