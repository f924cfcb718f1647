/** Makes a silence: which rules, types, sensors or area, up to which level, for how long and why. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { App, Checkbox, Input, Modal, Select } from 'antd';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { Failure } from '../../components/states.tsx';
import { useSpeech } from '../../i18n/index.ts';
import { AreaEditor } from './area.tsx';
import { Field, fieldGrid, wall } from './field.tsx';

const wide = { inlineSize: '100%' } as const;

export function SilenceForm({ onClose }: { onClose: () => void }) {
  const { t, say } = useSpeech();
  const { message } = App.useApp();
  const client = useQueryClient();
  const [rules, setRules] = useState<string[]>([]);
  const [types, setTypes] = useState<string[]>([]);
  const [entities, setEntities] = useState('');
  const [area, setArea] = useState<[number, number][] | undefined>();
  const [placed, setPlaced] = useState(false);
  const [level, setLevel] = useState(2);
  const [reason, setReason] = useState('');
  const [from, setFrom] = useState(() => wall(Date.now()));
  const [until, setUntil] = useState(() => wall(Date.now() + 4 * 3_600_000));
  const known = useQuery({
    queryKey: ['alerts', 'rules'],
    queryFn: ({ signal }) => api.get('/api/v1/alerts/rules', { signal }),
  });
  const choices = useQuery({
    queryKey: ['alerts', 'choices'],
    queryFn: ({ signal }) => api.get('/api/v1/alerts/rules/choices', { signal }),
  });
  const named = entities.split(/\s+/).filter(Boolean);
  const make = useMutation({
    mutationFn: () =>
      api.post('/api/v1/alerts/silences', {
        body: {
          ...{ rules, types, entities: named, level, reason },
          ...(placed && area ? { area } : {}),
          ...{ from: `${from}:00+08:00`, until: `${until}:00+08:00` },
        },
      }),
    onSuccess: async () => {
      message.success(t('alerts.done'));
      await client.invalidateQueries({ queryKey: ['alerts'] });
      onClose();
    },
  });
  const something = rules.length > 0 || types.length > 0 || named.length > 0 || (placed && area !== undefined);
  const many = (
    label: string,
    value: string[],
    options: { value: string; label: string }[],
    change: (v: string[]) => void,
  ) => (
    <Field label={label}>
      <Select
        aria-label={label}
        mode="multiple"
        optionFilterProp="label"
        value={value}
        options={options}
        onChange={change}
        style={wide}
      />
    </Field>
  );
  const time = (label: string, value: string, change: (v: string) => void) => (
    <Field label={label}>
      <Input type="datetime-local" aria-label={label} value={value} onChange={(e) => change(e.target.value)} />
    </Field>
  );
  return (
    <Modal
      open
      width={720}
      title={t('alerts.silence-new')}
      onCancel={onClose}
      onOk={() => make.mutate()}
      okText={t('alerts.confirm')}
      cancelText={t('common.cancel')}
      okButtonProps={{ loading: make.isPending, disabled: !reason.trim() || !something || !from || !until }}
    >
      <div className="stack-s">
        <p className="small quiet">{t('alerts.silence-text')}</p>
        <div style={fieldGrid}>
          {many(
            t('titles.alert-rules'),
            rules,
            (known.data?.rules ?? []).map((r) => ({ value: r.rule, label: say(r.title) })),
            setRules,
          )}
          {many(
            t('alerts.silence-types'),
            types,
            [...new Set((choices.data?.types ?? []).map((c) => c.type))].map((value) => ({ value, label: value })),
            setTypes,
          )}
          <Field label={t('alerts.up-to')}>
            <Select
              aria-label={t('alerts.up-to')}
              value={level}
              onChange={setLevel}
              options={[1, 2, 3, 4].map((n) => ({ value: n, label: t(`alerts.level.${n}`) }))}
              style={wide}
            />
          </Field>
          {time(t('alerts.since'), from, setFrom)}
          {time(t('alerts.until'), until, setUntil)}
        </div>
        <Field label={t('alerts.silence-entities')}>
          <Input.TextArea
            aria-label={t('alerts.silence-entities')}
            rows={2}
            value={entities}
            onChange={(e) => setEntities(e.target.value)}
          />
        </Field>
        <div>
          <Checkbox checked={placed} onChange={(e) => setPlaced(e.target.checked)}>
            {t('alerts.area')}
          </Checkbox>
        </div>
        {placed ? <AreaEditor label={t('alerts.area')} value={area} onChange={setArea} /> : null}
        <Field label={t('alerts.reason')}>
          <Input.TextArea
            aria-label={t('alerts.reason')}
            rows={2}
            maxLength={300}
            value={reason}
            onChange={(e) => setReason(e.target.value)}
          />
        </Field>
        {make.error ? <Failure error={make.error} /> : null}
      </div>
    </Modal>
  );
}
