/** What a client is and may: the form for a new one and for changes. */
import { useQuery } from '@tanstack/react-query';
import { Button, DatePicker, Input, InputNumber, Radio, Select } from 'antd';
import dayjs from 'dayjs';
import { useId, useState } from 'react';
import { api, type Body } from '../../api/client.ts';
import { Failure } from '../../components/states.tsx';
import { useSpeech } from '../../i18n/index.ts';

type Given = Body<'/api/v1/gateway/clients'>;
/** What the form holds. */
export type ClientDraft = Required<Omit<Given, 'keys'>> & { keys: string };

/** An empty form. */
export const emptyClient: ClientDraft = {
  ...{ name: '', purpose: '', sandbox: true, method: 'secret', keys: '', scope: [], networks: [] },
  ...{ perSecond: null, concurrent: null, expiresAt: null },
};

/** Public keys of a text: a JWK, or a set of them; undefined where it is neither. */
export function keysOf(text: string): Record<string, unknown>[] | undefined {
  if (text.trim() === '') return [];
  try {
    const value = JSON.parse(text) as { keys?: unknown };
    const list = Array.isArray(value) ? value : Array.isArray(value.keys) ? value.keys : [value];
    return list.every((k) => typeof k === 'object' && k !== null) ? (list as Record<string, unknown>[]) : undefined;
  } catch {
    return undefined;
  }
}

export function ClientForm({
  initial,
  fresh,
  saving,
  error,
  submit,
  onSubmit,
}: {
  initial: ClientDraft;
  /** A new client: whether it is a sandbox's, and how it shows who it is, can be chosen. */
  fresh: boolean;
  saving: boolean;
  error: unknown;
  submit: string;
  onSubmit: (draft: ClientDraft) => void;
}) {
  const { t, say } = useSpeech();
  const id = useId();
  const [draft, setDraft] = useState(initial);
  const set = (part: Partial<ClientDraft>) => setDraft({ ...draft, ...part });
  const services = useQuery({
    queryKey: ['gateway', 'services', { which: 'callable' }],
    queryFn: ({ signal }) => api.get('/api/v1/gateway/services', { query: { which: 'callable' }, signal }),
  });
  const badKeys = draft.method === 'jwt' && (keysOf(draft.keys) === undefined || (fresh && draft.keys.trim() === ''));
  const incomplete = [...draft.name.trim()].length < 2 || [...draft.purpose.trim()].length < 2 || badKeys;
  const known =
    services.data?.items.map((s) => ({ value: `grant:${s.id}`, label: `${say(s.title)} · grant:${s.id}` })) ?? [];
  return (
    <form
      className="stack-s"
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit(draft);
      }}
    >
      <div className="gw-form">
        <div className="wide">
          <label htmlFor={`${id}-name`}>{t('gateway.form.name')}</label>
          <Input id={`${id}-name`} maxLength={80} value={draft.name} onChange={(e) => set({ name: e.target.value })} />
        </div>
        <div className="wide">
          <label htmlFor={`${id}-purpose`}>{t('gateway.form.purpose')}</label>
          <Input.TextArea
            id={`${id}-purpose`}
            rows={2}
            maxLength={300}
            value={draft.purpose}
            onChange={(e) => set({ purpose: e.target.value })}
          />
        </div>
        {fresh ? (
          <>
            <fieldset className="wide" style={{ border: 0, padding: 0, margin: 0 }}>
              <legend className="gw-label">{t('gateway.form.kind')}</legend>
              <Radio.Group
                value={draft.sandbox}
                onChange={(e) => set({ sandbox: e.target.value as boolean })}
                options={[
                  { value: true, label: t('gateway.form.sandbox') },
                  { value: false, label: t('gateway.form.live') },
                ]}
              />
            </fieldset>
            <fieldset className="wide" style={{ border: 0, padding: 0, margin: 0 }}>
              <legend className="gw-label">{t('gateway.method-title')}</legend>
              <Radio.Group
                value={draft.method}
                onChange={(e) => set({ method: e.target.value as 'secret' | 'jwt' })}
                options={(['secret', 'jwt'] as const).map((value) => ({ value, label: t(`gateway.method.${value}`) }))}
              />
            </fieldset>
          </>
        ) : null}
        {draft.method === 'jwt' ? (
          <div className="wide">
            <label htmlFor={`${id}-keys`}>{fresh ? t('gateway.form.keys') : t('gateway.form.keys-change')}</label>
            <Input.TextArea
              id={`${id}-keys`}
              rows={5}
              className="mono"
              status={badKeys && draft.keys.trim() ? 'error' : ''}
              placeholder='{"kty":"EC","crv":"P-256","x":"…","y":"…","kid":"…"}'
              value={draft.keys}
              onChange={(e) => set({ keys: e.target.value })}
            />
          </div>
        ) : null}
        <div className="wide">
          <label htmlFor={`${id}-scope`}>{t('gateway.form.scope')}</label>
          <Select
            id={`${id}-scope`}
            aria-label={t('gateway.form.scope')}
            mode="tags"
            style={{ width: '100%' }}
            placeholder={t('gateway.form.scope-all')}
            value={draft.scope}
            options={known}
            onChange={(scope: string[]) => set({ scope: scope.map((s) => s.trim()).filter(Boolean) })}
          />
          <p className="small quiet">{t('gateway.form.scope-note')}</p>
        </div>
        <div className="wide">
          <label htmlFor={`${id}-networks`}>{t('gateway.form.networks')}</label>
          <Select
            id={`${id}-networks`}
            aria-label={t('gateway.form.networks')}
            mode="tags"
            open={false}
            suffixIcon={null}
            style={{ width: '100%' }}
            placeholder="10.1.0.0/16"
            tokenSeparators={[',', ' ', '，']}
            value={draft.networks}
            onChange={(networks: string[]) => set({ networks })}
          />
          <p className="small quiet">{t('gateway.form.networks-note')}</p>
        </div>
        <div>
          <label htmlFor={`${id}-rate`}>{t('gateway.form.rate')}</label>
          <InputNumber
            id={`${id}-rate`}
            min={1}
            max={10_000}
            precision={0}
            style={{ width: '100%' }}
            placeholder={t('gateway.form.as-service')}
            value={draft.perSecond}
            onChange={(perSecond) => set({ perSecond })}
          />
        </div>
        <div>
          <label htmlFor={`${id}-concurrent`}>{t('gateway.limit.concurrent')}</label>
          <InputNumber
            id={`${id}-concurrent`}
            min={1}
            max={10_000}
            precision={0}
            style={{ width: '100%' }}
            placeholder={t('gateway.form.as-service')}
            value={draft.concurrent}
            onChange={(concurrent) => set({ concurrent })}
          />
        </div>
        <div>
          <label htmlFor={`${id}-expires`}>{t('gateway.expires')}</label>
          <DatePicker
            id={`${id}-expires`}
            aria-label={t('gateway.expires')}
            style={{ width: '100%' }}
            value={draft.expiresAt ? dayjs(draft.expiresAt) : null}
            minDate={dayjs().add(1, 'day')}
            onChange={(next) => set({ expiresAt: next ? next.endOf('day').toISOString() : null })}
          />
        </div>
      </div>
      {error ? <Failure error={error} /> : null}
      <div>
        <Button type="primary" htmlType="submit" loading={saving} disabled={incomplete}>
          {submit}
        </Button>
      </div>
    </form>
  );
}
