/** What one wants of notices: ways by kind, addresses, quiet hours, digest; leave and who stands in. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { App, Button, Checkbox, Input, Select, Switch, TimePicker } from 'antd';
import dayjs from 'dayjs';
import { type ReactNode, useId, useState } from 'react';
import { type Answer, api } from '../../api/client.ts';
import { Page, Panel } from '../../components/page.tsx';
import { Failure, Loaded } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { useSpeech } from '../../i18n/index.ts';
import { Leave } from './leave.tsx';

export type View = Answer<'/api/v1/notices/settings'>;
type Settings = View['settings'];
const modes = ['now', 'digest', 'off'] as const;
const key = ['notices', 'settings'];

export default function NoticeSettings() {
  const { t } = useSpeech();
  const view = useQuery({ queryKey: key, queryFn: ({ signal }) => api.get('/api/v1/notices/settings', { signal }) });
  return (
    <Page
      title={t('titles.notices-settings')}
      lead={t('notices.ways-lead')}
      back={{ to: '/notices', label: t('titles.notices') }}
    >
      <Loaded query={view}>
        {(data) => (
          <div className="stack">
            <Form of={data} />
            <Leave of={data} />
          </div>
        )}
      </Loaded>
    </Page>
  );
}

function Form({ of: data }: { of: View }) {
  const { t, say } = useSpeech();
  const { message } = App.useApp();
  const client = useQueryClient();
  const [settings, setSettings] = useState<Settings>(data.settings);
  const [mail, setMail] = useState(data.addresses.mail ?? '');
  const [handle, setHandle] = useState(data.addresses.handle ?? '');
  const [phone, setPhone] = useState('');
  const save = useMutation({
    mutationFn: (addresses: { mail?: string; handle?: string; phone?: string }) =>
      api.put('/api/v1/notices/settings', { body: { settings, addresses } }),
    onSuccess: (next) => {
      message.success(t('notices.saved'));
      setPhone('');
      client.setQueryData(key, next);
    },
  });
  const declared = data.channels.filter((c) => c.name !== 'mail');
  const hasMail = data.channels.some((c) => c.name === 'mail');
  const ofKind = (kind: string) => settings.kinds?.[kind] ?? {};
  const setKind = (kind: string, patch: object) =>
    setSettings({ ...settings, kinds: { ...settings.kinds, [kind]: { ...ofKind(kind), ...patch } } });
  const chosen = (k: View['kinds'][number]): string[] =>
    ofKind(k.kind).messages ?? (k.messages ? declared.map((c) => c.name) : []);
  const keep = () =>
    save.mutate({ mail: mail.trim(), handle: handle.trim(), ...(phone.trim() ? { phone: phone.trim() } : {}) });
  return (
    <>
      <Panel title={t('notices.addresses')}>
        <div className="notice-ways">
          <Field
            label={t('notices.mail-address')}
            note={
              hasMail
                ? data.domains.length
                  ? t('notices.mail-domains', { domains: data.domains.join('、') })
                  : null
                : t('notices.mail-none')
            }
          >
            {(id) => (
              <Input id={id} type="email" autoComplete="email" value={mail} onChange={(e) => setMail(e.target.value)} />
            )}
          </Field>
          <Field
            label={t('notices.phone')}
            note={
              data.addresses.phone ? (
                <>
                  {t('notices.phone-kept', { mask: data.addresses.phone })}{' '}
                  <Button size="small" onClick={() => save.mutate({ phone: '' })}>
                    {t('notices.remove')}
                  </Button>
                </>
              ) : null
            }
          >
            {(id) => (
              <Input
                id={id}
                inputMode="tel"
                autoComplete="tel"
                maxLength={11}
                value={phone}
                onChange={(e) => setPhone(e.target.value)}
              />
            )}
          </Field>
          <Field label={t('notices.handle')}>
            {(id) => <Input id={id} maxLength={64} value={handle} onChange={(e) => setHandle(e.target.value)} />}
          </Field>
        </div>
      </Panel>
      <Panel title={t('notices.ways')} flush>
        <DataTable
          caption={t('notices.ways')}
          rows={data.kinds}
          rowKey={(k) => k.kind}
          columns={[
            { key: 'kind', title: t('notices.kind'), head: true, render: (k) => say(k.title) },
            {
              key: 'mail',
              title: t('notices.mail'),
              tight: true,
              render: (k) => (
                <Select
                  size="small"
                  style={{ minInlineSize: 110 }}
                  aria-label={`${t('notices.mail')} · ${say(k.title)}`}
                  value={ofKind(k.kind).mail ?? k.mail}
                  onChange={(mode) => setKind(k.kind, { mail: mode })}
                  options={modes.map((mode) => ({ value: mode, label: t(`notices.mail-mode.${mode}`) }))}
                />
              ),
            },
            ...declared.map((c) => ({
              key: c.name,
              title: say(c.title),
              tight: true,
              render: (k: View['kinds'][number]) => (
                <Checkbox
                  aria-label={`${say(c.title)} · ${say(k.title)}`}
                  checked={chosen(k).includes(c.name)}
                  onChange={(event) =>
                    setKind(k.kind, {
                      messages: event.target.checked ? [...chosen(k), c.name] : chosen(k).filter((n) => n !== c.name),
                    })
                  }
                />
              ),
            })),
          ]}
        />
      </Panel>
      <Panel title={t('notices.quiet')}>
        <div className="stack-s">
          <Toggle
            label={t('notices.quiet-on')}
            on={settings.quiet !== null}
            set={(on) => setSettings({ ...settings, quiet: on ? { from: '22:00', to: '07:30' } : null })}
          />
          {settings.quiet ? (
            <div className="row" style={{ flexWrap: 'wrap' }}>
              {(['from', 'to'] as const).map((end) => (
                <Time
                  key={end}
                  label={t(`notices.${end}`)}
                  value={settings.quiet![end]}
                  set={(at) => setSettings({ ...settings, quiet: { ...settings.quiet!, [end]: at } })}
                />
              ))}
            </div>
          ) : null}
          <Toggle
            label={t('notices.urgent-always')}
            on={settings.urgentAlways}
            set={(on) => setSettings({ ...settings, urgentAlways: on })}
          />
        </div>
      </Panel>
      <Panel title={t('notices.digest')}>
        <div className="row" style={{ flexWrap: 'wrap' }}>
          <Field label={t('notices.rhythm')}>
            {(id) => (
              <Select
                id={id}
                aria-label={t('notices.rhythm')}
                style={{ minInlineSize: 130 }}
                value={settings.digest.rhythm}
                onChange={(rhythm) => setSettings({ ...settings, digest: { ...settings.digest, rhythm } })}
                options={(['daily', 'weekly'] as const).map((r) => ({ value: r, label: t(`notices.rhythms.${r}`) }))}
              />
            )}
          </Field>
          <Field label={t('notices.hour')}>
            {(id) => (
              <Select
                id={id}
                aria-label={t('notices.hour')}
                style={{ minInlineSize: 100 }}
                value={settings.digest.hour}
                onChange={(hour) => setSettings({ ...settings, digest: { ...settings.digest, hour } })}
                options={Array.from({ length: 24 }, (_, h) => ({
                  value: h,
                  label: `${String(h).padStart(2, '0')}:00`,
                }))}
              />
            )}
          </Field>
        </div>
      </Panel>
      {save.isError ? <Failure error={save.error} /> : null}
      <div>
        <Button type="primary" loading={save.isPending} onClick={keep}>
          {t('notices.save')}
        </Button>
      </div>
    </>
  );
}

function Field({ label, note, children }: { label: string; note?: ReactNode; children: (id: string) => ReactNode }) {
  const id = useId();
  return (
    <div className="stack-s">
      <label htmlFor={id}>{label}</label>
      {children(id)}
      {note ? <p className="small quiet">{note}</p> : null}
    </div>
  );
}

function Toggle({ label, on, set }: { label: string; on: boolean; set: (on: boolean) => void }) {
  return (
    <div className="row">
      <Switch size="small" checked={on} onChange={set} aria-label={label} />
      <span>{label}</span>
    </div>
  );
}

function Time({ label, value, set }: { label: string; value: string; set: (at: string) => void }) {
  return (
    <Field label={label}>
      {(id) => (
        <TimePicker
          id={id}
          format="HH:mm"
          minuteStep={15}
          allowClear={false}
          needConfirm={false}
          value={dayjs(`2026-01-01T${value}:00`)}
          onChange={(at) => at && set(at.format('HH:mm'))}
        />
      )}
    </Field>
  );
}
