/** Registers a sensor or changes one: what it is, whose, where, and what it measures. */
import { DeleteOutlined, PlusOutlined } from '@ant-design/icons';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { App, AutoComplete, Button, Input, InputNumber, Modal, Select } from 'antd';
import { useState } from 'react';
import { type Answer, api, type Body } from '../../api/client.ts';
import { Failure } from '../../components/states.tsx';
import { useSpeech } from '../../i18n/index.ts';
import { type Detail, Field, formGrid, useOrganisations } from './shared.tsx';

type Entity = Body<'/api/v1/sensing/entities'>['entities'][number];
type Property = Entity['properties'][number];
type Types = Answer<'/api/v1/sensing/types'>['types'];
const systems = ['WGS84', 'CGCS2000', 'GCJ02', 'BD09'] as const;

interface Form {
  type: string;
  /** The part of the identifier behind the type. */
  name: string;
  zh: string;
  en: string;
  owner: string;
  address: string;
  lon: number | null;
  lat: number | null;
  system: (typeof systems)[number];
  properties: Property[];
}

const blank: Form = {
  ...{ type: '', name: '', zh: '', en: '', owner: '', address: '', lon: null, lat: null, system: 'WGS84' },
  properties: [{ name: '' }],
};

const formOf = (e: Detail): Form => ({
  ...{ type: e.type, name: e.id.slice(`urn:ngsi-ld:${e.type}:`.length), zh: e.label.zh, en: e.label.en },
  ...{ owner: e.owner ?? '', address: e.address ?? '', lon: e.lon, lat: e.lat, system: 'WGS84' },
  properties: e.series.map(({ property, unit, least, most, interval, gap, flatAfter }) => ({
    ...{ name: property, unit, least, most, interval, gap, flatAfter },
  })),
});

/** A form as the hub takes it. */
function entityOf(f: Form): Entity {
  const placed = f.lon !== null && f.lat !== null;
  return {
    ...{ id: `urn:ngsi-ld:${f.type}:${f.name.trim()}`, type: f.type },
    label: { zh: f.zh.trim(), en: f.en.trim() || f.zh.trim() },
    ...(placed ? { place: { lon: f.lon as number, lat: f.lat as number, system: f.system } } : {}),
    ...(f.owner ? { owner: f.owner } : {}),
    ...(f.address.trim() ? { address: f.address.trim() } : {}),
    properties: f.properties.filter((p) => p.name).map((p) => ({ ...p, unit: p.unit || undefined }) as Property),
  };
}

/** The form in a window; `of`: the sensor that is changed, absent for a new one. */
export function EntityForm({ of, open, onClose }: { of?: Detail; open: boolean; onClose: (id?: string) => void }) {
  const { t, say } = useSpeech();
  const { message } = App.useApp();
  const client = useQueryClient();
  const [form, setForm] = useState<Form>(of ? formOf(of) : blank);
  const owners = useOrganisations(open);
  const models = useQuery({
    queryKey: ['sensing', 'types'],
    queryFn: ({ signal }) => api.get('/api/v1/sensing/types', { signal }),
    enabled: open,
    staleTime: 3_600_000,
  });
  const types: Types = models.data?.types ?? [];
  const set = (patch: Partial<Form>) => setForm((f) => ({ ...f, ...patch }));
  const save = useMutation({
    mutationFn: () => api.post('/api/v1/sensing/entities', { body: { entities: [entityOf(form)] } }),
    onSuccess: async () => {
      message.success(t('sensing.saved'));
      await client.invalidateQueries({ queryKey: ['sensing'] });
      onClose(`urn:ngsi-ld:${form.type}:${form.name.trim()}`);
    },
  });
  const ready = form.type && form.name.trim() && form.zh.trim() && form.properties.some((p) => p.name);
  return (
    <Modal
      open={open}
      width={860}
      title={t(of ? 'sensing.edit' : 'sensing.register')}
      onCancel={() => onClose()}
      onOk={() => save.mutate()}
      okText={t('sensing.save')}
      cancelText={t('common.cancel')}
      okButtonProps={{ loading: save.isPending, disabled: !ready }}
    >
      <div className="stack-s">
        <div style={formGrid}>
          <Field label={t('sensing.type')}>
            <AutoComplete
              aria-label={t('sensing.type')}
              value={form.type}
              disabled={of !== undefined}
              onChange={(type: string) => set({ type })}
              options={types.map((x) => ({ value: x.type, label: `${say(x.title)} · ${x.type}` }))}
              filterOption={(text, option) =>
                String(option?.label ?? '')
                  .toLowerCase()
                  .includes(text.toLowerCase())
              }
              style={{ inlineSize: '100%' }}
            />
          </Field>
          <Field label={t('sensing.entity-name')} hint={`urn:ngsi-ld:${form.type || '…'}:${form.name || '…'}`}>
            <Input
              aria-label={t('sensing.entity-name')}
              value={form.name}
              disabled={of !== undefined}
              onChange={(e) => set({ name: e.target.value })}
            />
          </Field>
          <Field label={t('sensing.label-zh')}>
            <Input
              aria-label={t('sensing.label-zh')}
              maxLength={100}
              value={form.zh}
              onChange={(e) => set({ zh: e.target.value })}
            />
          </Field>
          <Field label={t('sensing.label-en')}>
            <Input
              aria-label={t('sensing.label-en')}
              maxLength={100}
              value={form.en}
              onChange={(e) => set({ en: e.target.value })}
            />
          </Field>
          <Field label={t('sensing.owner')}>
            <Select
              aria-label={t('sensing.owner')}
              showSearch
              allowClear
              optionFilterProp="label"
              value={form.owner || null}
              options={owners}
              onChange={(v) => set({ owner: v ?? '' })}
              style={{ inlineSize: '100%' }}
            />
          </Field>
          <Field label={t('sensing.address')}>
            <Input
              aria-label={t('sensing.address')}
              maxLength={200}
              value={form.address}
              onChange={(e) => set({ address: e.target.value })}
            />
          </Field>
          {(['lon', 'lat'] as const).map((axis) => (
            <Field key={axis} label={t(`sensing.${axis}`)}>
              <InputNumber
                aria-label={t(`sensing.${axis}`)}
                value={form[axis]}
                min={axis === 'lon' ? -180 : -90}
                max={axis === 'lon' ? 180 : 90}
                step={0.0001}
                onChange={(v) => set({ [axis]: v })}
                style={{ inlineSize: '100%' }}
              />
            </Field>
          ))}
          <Field label={t('sensing.system')}>
            <Select
              aria-label={t('sensing.system')}
              value={form.system}
              options={systems.map((value) => ({ value, label: t(`sensing.systems.${value}`) }))}
              onChange={(system) => set({ system })}
              style={{ inlineSize: '100%' }}
            />
          </Field>
        </div>
        <h3 style={{ marginBlockStart: 8 }}>{t('sensing.properties')}</h3>
        <p className="small quiet">{t('sensing.properties-text')}</p>
        {form.properties.map((p, i) => (
          <PropertyRow
            // biome-ignore lint/suspicious/noArrayIndexKey: rows are known by their place until they have a name.
            key={i}
            of={p}
            fixed={of?.series.some((s) => s.property === p.name) ?? false}
            model={types.find((x) => x.type === form.type)}
            onChange={(next) => set({ properties: form.properties.map((old, k) => (k === i ? next : old)) })}
            onRemove={() => set({ properties: form.properties.filter((_, k) => k !== i) })}
          />
        ))}
        <div>
          <Button
            size="small"
            icon={<PlusOutlined />}
            onClick={() => set({ properties: [...form.properties, { name: '' }] })}
          >
            {t('sensing.add-property')}
          </Button>
        </div>
        {save.error ? <Failure error={save.error} /> : null}
      </div>
    </Modal>
  );
}

/** One thing that it measures. A series that is there keeps its name and unit: its history is in that unit. */
function PropertyRow(props: {
  of: Property;
  fixed: boolean;
  model: Types[number] | undefined;
  onChange: (next: Property) => void;
  onRemove: () => void;
}) {
  const { of, fixed, model, onChange, onRemove } = props;
  const { t, say } = useSpeech();
  const known = model?.properties.find((p) => p.name === of.name);
  const number = (name: 'least' | 'most' | 'interval' | 'flatAfter' | 'gap', hint?: number) => (
    <Field label={t(`sensing.set.${name}`)}>
      <InputNumber
        aria-label={t(`sensing.set.${name}`)}
        value={of[name] ?? null}
        placeholder={hint === undefined ? '' : String(hint)}
        onChange={(v) => onChange({ ...of, [name]: v ?? undefined })}
        style={{ inlineSize: '100%' }}
      />
    </Field>
  );
  return (
    <fieldset className="panel panel-body" style={{ ...formGrid, margin: 0, minInlineSize: 0 }}>
      <Field label={t('sensing.property')}>
        <AutoComplete
          aria-label={t('sensing.property')}
          value={of.name}
          disabled={fixed}
          onChange={(name: string) => onChange({ ...of, name })}
          options={(model?.properties ?? []).map((p) => ({ value: p.name, label: `${say(p.title)} · ${p.name}` }))}
          filterOption={(text, option) =>
            String(option?.label ?? '')
              .toLowerCase()
              .includes(text.toLowerCase())
          }
          style={{ inlineSize: '100%' }}
        />
      </Field>
      <Field label={t('sensing.unit')}>
        <Input
          aria-label={t('sensing.unit')}
          value={of.unit ?? ''}
          disabled={fixed}
          placeholder={known?.symbol ?? ''}
          onChange={(e) => onChange({ ...of, unit: e.target.value || undefined })}
        />
      </Field>
      {number('least', known?.least)}
      {number('most', known?.most)}
      {number('interval')}
      {number('flatAfter')}
      {number('gap', 100)}
      {fixed ? null : (
        <div style={{ alignSelf: 'end' }}>
          <Button type="text" icon={<DeleteOutlined />} onClick={onRemove}>
            {t('sensing.remove')}
          </Button>
        </div>
      )}
    </fieldset>
  );
}
