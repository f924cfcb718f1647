/** Starting a plan: level, real or exercise, grounds, commander. A person answers for it. */

import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Checkbox, Input, Modal, Select } from 'antd';
import { useEffect, useId, useState } from 'react';
import { api } from '../../api/client.ts';
import { Failure } from '../../components/states.tsx';
import { useSpeech } from '../../i18n/index.ts';
import { useSession } from '../../session/session.tsx';
import { useAct } from './shared.tsx';

/** What is started. */
export interface Target {
  plan: string;
  title: string;
  levels: ('IV' | 'III' | 'II' | 'I')[];
  level?: 'IV' | 'III' | 'II' | 'I' | undefined;
  grounds?: string;
  proposal?: number;
  causes?: { kind: 'alert' | 'event'; key: string; title: { zh: string; en: string } }[];
  lon?: number | undefined;
  lat?: number | undefined;
}

export function StartForm({ target, onClose }: { target: Target | undefined; onClose: () => void }) {
  const { t, say, language } = useSpeech();
  const { me } = useSession();
  const go = useNavigate();
  const id = useId();
  const [level, setLevel] = useState<'IV' | 'III' | 'II' | 'I'>('IV');
  const [exercise, setExercise] = useState(false);
  const [title, setTitle] = useState('');
  const [grounds, setGrounds] = useState('');
  const [place, setPlace] = useState('');
  const [commander, setCommander] = useState(me.user.name);
  useEffect(() => {
    if (!target) return;
    setLevel(target.level ?? target.levels[0] ?? 'IV');
    setGrounds(target.grounds ?? '');
    setTitle(target.title);
  }, [target]);
  const send = useAct(async (_: undefined, key: string) => {
    const { id: made } = await api.post('/api/v1/command/operations', {
      body: {
        ...{
          plan: target!.plan,
          level,
          exercise,
          title: title.trim(),
          grounds: grounds.trim(),
          commander: commander.trim(),
        },
        ...{ place: place.trim(), causes: target!.causes ?? [], key },
        ...(target!.proposal === undefined ? {} : { proposal: target!.proposal }),
        ...(target!.lon === undefined || target!.lat === undefined ? {} : { lon: target!.lon, lat: target!.lat }),
      },
    });
    await go({ to: '/command/operations/$operation', params: { operation: String(made) } } as never);
  }, onClose);
  // Whoever starts a plan knows before whom nobody will answer for.
  const plans = useQuery({
    queryKey: ['command', 'plans'],
    queryFn: ({ signal }) => api.get('/api/v1/command/plans', { signal }),
    enabled: target !== undefined,
  });
  const unmanned = plans.data?.items.find((p) => p.id === target?.plan)?.unmanned ?? [];
  const ready = title.trim() !== '' && grounds.trim().length >= 2 && commander.trim() !== '';
  return (
    <Modal
      open={target !== undefined}
      title={`${t('command.start')}：${target?.title ?? ''}`}
      okText={exercise ? t('command.start-exercise') : t('command.start')}
      cancelText={t('common.cancel')}
      okButtonProps={{ disabled: !ready, loading: send.isPending, danger: !exercise }}
      onOk={() => send.mutate(undefined)}
      onCancel={() => {
        send.reset();
        onClose();
      }}
    >
      <div className="stack-s">
        <p className="small quiet">{t('command.start-text')}</p>
        {unmanned.length ? (
          <p className="note warn small" role="alert">
            {`${t('command.unmanned')}${unmanned.map((o) => say(o.name)).join(language === 'zh' ? '、' : ', ')}`}
          </p>
        ) : null}
        <Checkbox checked={exercise} onChange={(e) => setExercise(e.target.checked)}>
          {t('command.as-exercise')}
        </Checkbox>
        <label htmlFor={`${id}-l`}>{t('command.level')}</label>
        <Select
          id={`${id}-l`}
          aria-label={t('command.level')}
          value={level}
          options={(target?.levels ?? []).map((l) => ({ value: l, label: t('command.level-n', { n: l }) }))}
          onChange={setLevel}
        />
        <label htmlFor={`${id}-t`}>{t('command.title')}</label>
        <Input id={`${id}-t`} value={title} maxLength={100} onChange={(e) => setTitle(e.target.value)} />
        <label htmlFor={`${id}-g`}>{t('command.grounds')}</label>
        <Input.TextArea
          id={`${id}-g`}
          rows={3}
          maxLength={1000}
          value={grounds}
          onChange={(e) => setGrounds(e.target.value)}
        />
        <label htmlFor={`${id}-p`}>{t('command.place')}</label>
        <Input id={`${id}-p`} value={place} maxLength={200} onChange={(e) => setPlace(e.target.value)} />
        <label htmlFor={`${id}-c`}>{t('command.commander')}</label>
        <Input id={`${id}-c`} value={commander} maxLength={60} onChange={(e) => setCommander(e.target.value)} />
        {send.isError ? <Failure error={send.error} /> : null}
      </div>
    </Modal>
  );
}
