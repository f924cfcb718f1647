/** What people with the right may do with a sensor: change it, calibrate it, take it out of service. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { App, Button, DatePicker, Input, InputNumber, Modal, Popconfirm, Select } from 'antd';
import type { Dayjs } from 'dayjs';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { Failure, problemOf } from '../../components/states.tsx';
import { useSpeech } from '../../i18n/index.ts';
import { useSession } from '../../session/session.tsx';
import { EntityForm } from './entity-form.tsx';
import { type Detail, Field, formGrid } from './shared.tsx';

export function SensorActs({ of: e }: { of: Detail }) {
  const { t, say } = useSpeech();
  const { may } = useSession();
  const { message } = App.useApp();
  const client = useQueryClient();
  const [doing, setDoing] = useState<'edit' | 'calibrate' | null>(null);
  const active = useMutation({
    mutationFn: () =>
      api.post('/api/v1/sensing/entities/{id}/active', { params: { id: e.id }, body: { active: !e.active } }),
    onSuccess: () => {
      message.success(t('sensing.saved'));
      return client.invalidateQueries({ queryKey: ['sensing'] });
    },
    onError: (error) => void message.error(say(problemOf(error).title)),
  });
  if (!may('sensing.manage')) return null;
  return (
    <span className="row" style={{ flexWrap: 'wrap' }}>
      <Button onClick={() => setDoing('edit')}>{t('sensing.edit')}</Button>
      <Button onClick={() => setDoing('calibrate')}>{t('sensing.calibrate')}</Button>
      <Popconfirm
        title={t(e.active ? 'sensing.retire-sure' : 'sensing.restore-sure')}
        okText={t('common.yes')}
        cancelText={t('common.cancel')}
        onConfirm={() => active.mutate()}
      >
        <Button danger={e.active} loading={active.isPending}>
          {t(e.active ? 'sensing.retire' : 'sensing.restore')}
        </Button>
      </Popconfirm>
      {doing === 'edit' ? <EntityForm of={e} open onClose={() => setDoing(null)} /> : null}
      {doing === 'calibrate' ? <Calibrate of={e} onClose={() => setDoing(null)} /> : null}
    </span>
  );
}

/** Kept = sent × factor + offset, from now on; what is kept already stays. */
function Calibrate({ of: e, onClose }: { of: Detail; onClose: () => void }) {
  const { t, say } = useSpeech();
  const { message } = App.useApp();
  const client = useQueryClient();
  const [number, setNumber] = useState(e.series[0]!.number);
  const now = e.series.find((s) => s.number === number)!;
  const [scale, setScale] = useState<number | null>(now.scale);
  const [shift, setShift] = useState<number | null>(now.shift);
  const [certificate, setCertificate] = useState('');
  const [due, setDue] = useState<Dayjs | null>(null);
  const [note, setNote] = useState('');
  const save = useMutation({
    mutationFn: () =>
      api.post('/api/v1/sensing/series/{number}/calibration', {
        params: { number },
        body: { scale: scale!, shift: shift!, certificate, note, due: due?.format('YYYY-MM-DD') ?? null },
      }),
    onSuccess: async () => {
      message.success(t('sensing.saved'));
      await client.invalidateQueries({ queryKey: ['sensing'] });
      onClose();
    },
  });
  const text = (label: string, value: string, change: (v: string) => void, most: number) => (
    <Field label={label}>
      <Input aria-label={label} maxLength={most} value={value} onChange={(ev) => change(ev.target.value)} />
    </Field>
  );
  return (
    <Modal
      open
      title={t('sensing.calibrate')}
      onCancel={onClose}
      onOk={() => save.mutate()}
      okText={t('sensing.save')}
      cancelText={t('common.cancel')}
      okButtonProps={{ loading: save.isPending, disabled: scale === null || scale === 0 || shift === null }}
    >
      <div className="stack-s">
        <p className="small quiet">{t('sensing.calibrate-text')}</p>
        <div style={formGrid}>
          <Field label={t('sensing.property')}>
            <Select
              aria-label={t('sensing.property')}
              value={number}
              options={e.series.map((s) => ({ value: s.number, label: say(s.title) }))}
              onChange={(n) => {
                const next = e.series.find((s) => s.number === n)!;
                setNumber(n);
                setScale(next.scale);
                setShift(next.shift);
              }}
              style={{ inlineSize: '100%' }}
            />
          </Field>
          <Field label={t('sensing.scale')}>
            <InputNumber
              aria-label={t('sensing.scale')}
              value={scale}
              min={-1000}
              max={1000}
              onChange={setScale}
              style={{ inlineSize: '100%' }}
            />
          </Field>
          <Field label={`${t('sensing.shift')} ${now.symbol}`}>
            <InputNumber
              aria-label={t('sensing.shift')}
              value={shift}
              onChange={setShift}
              style={{ inlineSize: '100%' }}
            />
          </Field>
          {text(t('sensing.certificate'), certificate, setCertificate, 100)}
          <Field label={t('sensing.due')}>
            <DatePicker aria-label={t('sensing.due')} value={due} onChange={setDue} style={{ inlineSize: '100%' }} />
          </Field>
          {text(t('sensing.note'), note, setNote, 500)}
        </div>
        {save.error ? <Failure error={save.error} /> : null}
      </div>
    </Modal>
  );
}
