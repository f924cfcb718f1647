/** What is on this phone and how it is guarded: kept for offline work or not, how much room there is, the offline PIN. */
import { App, Button, Input } from 'antd';
import { useEffect, useId, useState } from 'react';
import { Failure } from '../../../components/states.tsx';
import { bytes } from '../../../format/index.ts';
import { useSpeech } from '../../../i18n/index.ts';
import { useCollect } from '../offline/collect.tsx';
import { WrongPin } from '../offline/crypto.ts';
import { keepStored, room, shellKept } from '../offline/worker.ts';

interface Facts {
  shell: boolean;
  room: { used: number; most: number } | null;
}

export function OnThisPhone() {
  const { t } = useSpeech();
  const { store, held } = useCollect();
  const [facts, setFacts] = useState<Facts | null>(null);
  const [pin, setPin] = useState(false);
  const has = store?.hasPin === true;
  // biome-ignore lint/correctness/useExhaustiveDependencies: measured anew whenever what is held changes.
  useEffect(() => {
    let gone = false;
    let timer: ReturnType<typeof setTimeout>;
    const look = async () => {
      const [shell, space] = await Promise.all([shellKept(), room()]);
      if (gone) return;
      setFacts({ shell, room: space });
      // The worker is ready a moment after the first visit.
      if (!shell) timer = setTimeout(() => void look(), 1_500);
    };
    void look();
    return () => {
      gone = true;
      clearTimeout(timer);
    };
  }, [held]);
  const tight = facts?.room && facts.room.most - facts.room.used < 50 * 1024 * 1024;
  return (
    <>
      {tight ? (
        <p className="note warn">
          {t('forms.phone.tight', { left: bytes(Math.max(0, (facts?.room?.most ?? 0) - (facts?.room?.used ?? 0))) })}
        </p>
      ) : null}
      <details className="collect-card fold">
        <summary>{t('forms.phone.title')}</summary>
        <ul className="stack-s small">
          <li>{t(facts?.shell ? 'forms.phone.shell' : 'forms.phone.no-shell')}</li>
          {facts?.room ? (
            <li>{t('forms.phone.room', { used: bytes(facts.room.used), most: bytes(facts.room.most) })}</li>
          ) : null}
          <li>{t(has ? 'forms.phone.guard-pin' : 'forms.phone.guard')}</li>
          <li>{t('forms.phone.others')}</li>
        </ul>
        <div className="row">
          <Button onClick={() => setPin((open) => !open)} aria-expanded={pin}>
            {t(has ? 'forms.pin.change' : 'forms.pin.set')}
          </Button>
          <Button type="text" onClick={() => void keepStored()}>
            {t('forms.phone.keep')}
          </Button>
        </div>
        {pin ? <PinForm has={has} done={() => setPin(false)} /> : null}
      </details>
    </>
  );
}

function PinForm({ has, done }: { has: boolean; done: () => void }) {
  const { t } = useSpeech();
  const { message } = App.useApp();
  const { store } = useCollect();
  const id = useId();
  const [old, setOld] = useState('');
  const [next, setNext] = useState('');
  const [again, setAgain] = useState('');
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<unknown>(null);
  const change = async (pin: string | null) => {
    setBusy(true);
    setFault(null);
    try {
      await store?.setPin(has ? old : null, pin);
      void message.success(t(pin === null ? 'forms.pin.removed' : 'forms.pin.done'));
      done();
    } catch (error) {
      setFault(error);
    } finally {
      setBusy(false);
    }
  };
  const input = (key: string, label: string, value: string, write: (text: string) => void) => (
    <div className="stack-s">
      <label htmlFor={`${id}-${key}`}>{label}</label>
      <Input.Password
        id={`${id}-${key}`}
        value={value}
        inputMode="numeric"
        autoComplete="off"
        maxLength={32}
        onChange={(event) => write(event.target.value)}
      />
    </div>
  );
  const weak = next.length > 0 && (next.length < 6 || /^(.)\1*$/.test(next) || '01234567890123456789'.includes(next));
  return (
    <form
      className="stack-s"
      style={{ maxWidth: 420 }}
      onSubmit={(event) => {
        event.preventDefault();
        void change(next);
      }}
    >
      <p className="note warn">{t('forms.pin.warning')}</p>
      {has ? input('old', t('forms.pin.old'), old, setOld) : null}
      {input('next', t('forms.pin.next'), next, setNext)}
      {weak ? <p className="small warn-text">{t('forms.pin.weak')}</p> : null}
      {input('again', t('forms.pin.again'), again, setAgain)}
      {fault instanceof WrongPin ? (
        <p className="bad-text">{t('forms.pin.wrong-old')}</p>
      ) : fault ? (
        <Failure error={fault} />
      ) : null}
      <div className="row">
        <Button
          type="primary"
          htmlType="submit"
          loading={busy}
          disabled={weak || next === '' || next !== again || (has && !old)}
        >
          {t(has ? 'forms.pin.change' : 'forms.pin.set')}
        </Button>
        {has ? (
          <Button loading={busy} disabled={!old} onClick={() => void change(null)}>
            {t('forms.pin.remove')}
          </Button>
        ) : null}
      </div>
    </form>
  );
}
