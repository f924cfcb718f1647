/** The designer: palette, canvas with a live preview, properties; kept by itself, with a notice when somebody else works on it too. */
import { EyeOutlined, RedoOutlined, RocketOutlined, UndoOutlined } from '@ant-design/icons';
import { useQueryClient } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { Button, Segmented, Tabs } from 'antd';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { ApiProblem } from '../../../api/client.ts';
import { Page, useTabTitle } from '../../../components/page.tsx';
import { Empty, Failure, Loaded } from '../../../components/states.tsx';
import { clockTime } from '../../../format/index.ts';
import { useSpeech } from '../../../i18n/index.ts';
import { useWords } from '../fill/context.tsx';
import { useForm } from '../records/form.tsx';
import { hub } from '../shared/hub.ts';
import { check, type Design, type FieldKind } from '../shared/pure.ts';
import type { FormDetail } from '../shared/types.ts';
import { Canvas } from './canvas.tsx';
import { begun, changed, freeName, moved, newField, redone, undone, unfinished, without } from './editing.ts';
import { Palette } from './palette.tsx';
import { Preview } from './preview.tsx';
import { Properties } from './properties.tsx';
import { Publish } from './publish.tsx';
import { Settings } from './settings.tsx';
import '../../../styles/forms.css';

export default function DesignPage() {
  const { t } = useSpeech();
  const { form } = useParams({ strict: false }) as { form: string };
  const query = useForm(form);
  const [start, setStart] = useState<FormDetail | null>(null);
  // What is being edited must not change under the hands when the query is fetched anew.
  useEffect(() => {
    if (query.data && start?.id !== query.data.id) setStart(query.data);
  }, [query.data, start]);
  return (
    <Loaded query={query} heading={t('titles.form-design')}>
      {() => {
        const design = start?.draftDesign ?? start?.design;
        if (start && !start.may.design)
          return (
            <Page title={t('titles.form-design')} back={{ to: `/forms/${form}`, label: t('titles.form') }}>
              <Empty title={t('forms.design.not-yours')} />
            </Page>
          );
        return start && design ? (
          <Designer key={`${start.id}-${start.revision}`} form={start} design={design} reload={setStart} />
        ) : null;
      }}
    </Loaded>
  );
}

/** What is chosen on the canvas: a field by name. */
export type Chosen = string | null;

function Designer({ form, design, reload }: { form: FormDetail; design: Design; reload: (form: FormDetail) => void }) {
  const { t, language } = useSpeech();
  const words = useWords();
  const [history, setHistory] = useState(() => begun(design));
  const [chosen, setChosen] = useState<Chosen>(design.fields[0]?.name ?? null);
  const [mode, setMode] = useState<'edit' | 'desk' | 'phone'>('edit');
  const [publishing, setPublishing] = useState(false);
  const [spoken, setSpoken] = useState('');
  const now = history.now;
  useTabTitle(words(now.title));
  const keep = useAutosave(form, now);
  const faults = useMemo(
    () => [...unfinished(now).map((f) => ({ ...f, code: 'forms.unfinished' })), ...check(now)],
    [now],
  );

  const change = useCallback((next: Design, of = '') => setHistory((before) => changed(before, next, of)), []);
  const label = (kind: FieldKind) => t(`forms.kind.${kind}`);
  const add = (kind: FieldKind) => {
    const field = newField(
      kind,
      label(kind),
      now.fields.map((f) => f.name),
    );
    const after = now.fields.findIndex((f) => f.name === chosen);
    const at = after < 0 ? now.fields.length : after + 1;
    change({ ...now, fields: [...now.fields.slice(0, at), field, ...now.fields.slice(at)] });
    setChosen(field.name);
    setSpoken(t('forms.design.added', { label: label(kind), n: at + 1 }));
  };
  const move = (from: number, to: number) => {
    if (to < 0 || to >= now.fields.length || from === to) return;
    change({ ...now, fields: moved(now.fields, from, to) });
    setSpoken(t('forms.design.moved', { n: to + 1, all: now.fields.length }));
  };
  const remove = (name: string) => {
    const at = now.fields.findIndex((f) => f.name === name);
    const rest = without(now, name);
    change(rest);
    setChosen(rest.fields[Math.min(at, rest.fields.length - 1)]?.name ?? null);
    setSpoken(t('forms.design.removed'));
  };
  const copy = (name: string) => {
    const at = now.fields.findIndex((f) => f.name === name);
    const field = now.fields[at];
    if (!field) return;
    const twin = {
      ...field,
      name: freeName(
        field.name.slice(0, 36),
        now.fields.map((f) => f.name),
      ),
    };
    change({ ...now, fields: [...now.fields.slice(0, at + 1), twin, ...now.fields.slice(at + 1)] });
    setChosen(twin.name);
  };

  useEffect(() => {
    const keys = (event: KeyboardEvent) => {
      const typing = (event.target as HTMLElement).closest('input, textarea, [contenteditable]');
      if (!(event.ctrlKey || event.metaKey) || typing) return;
      const key = event.key.toLowerCase();
      if (key === 'z') {
        event.preventDefault();
        setHistory(event.shiftKey ? redone : undone);
      } else if (key === 'y') {
        event.preventDefault();
        setHistory(redone);
      }
    };
    addEventListener('keydown', keys);
    return () => removeEventListener('keydown', keys);
  }, []);

  return (
    <Page
      title={words(now.title) || t('titles.form-design')}
      back={{ to: `/forms/${form.id}`, label: t('titles.form') }}
      actions={
        <>
          <span className="small quiet" aria-live="polite">
            {keep.state === 'saving'
              ? t('forms.design.saving')
              : keep.state === 'unfinished'
                ? t('forms.design.unfinished')
                : keep.savedAt
                  ? t('forms.design.saved', { at: clockTime(keep.savedAt) })
                  : ''}
          </span>
          <Button
            icon={<UndoOutlined />}
            disabled={!history.past.length}
            aria-label={t('forms.design.undo')}
            onClick={() => setHistory(undone)}
          />
          <Button
            icon={<RedoOutlined />}
            disabled={!history.future.length}
            aria-label={t('forms.design.redo')}
            onClick={() => setHistory(redone)}
          />
          <Segmented
            aria-label={t('forms.design.view')}
            value={mode}
            onChange={setMode}
            options={[
              { value: 'edit', label: t('forms.design.edit') },
              { value: 'desk', label: t('forms.design.desk'), icon: <EyeOutlined /> },
              { value: 'phone', label: t('forms.design.phone'), icon: <EyeOutlined /> },
            ]}
          />
          <Button type="primary" icon={<RocketOutlined />} onClick={() => setPublishing(true)}>
            {t('forms.design.publish')}
          </Button>
        </>
      }
    >
      <p className="visually-hidden" aria-live="polite">
        {spoken}
      </p>
      {keep.conflict ? (
        <div className="note warn stack-s" role="status">
          <p className="strong">{t('forms.design.conflict')}</p>
          <p className="small">{t('forms.design.conflict-text')}</p>
          <div className="row">
            <Button onClick={() => void keep.overwrite()}>{t('forms.design.keep-mine')}</Button>
            <Button
              onClick={() =>
                void hub
                  .get<FormDetail>('/api/v1/forms/{form}', { params: { form: form.id } })
                  .then((fresh) => reload(fresh))
              }
            >
              {t('forms.design.take-theirs')}
            </Button>
          </div>
        </div>
      ) : keep.fault ? (
        <Failure error={keep.fault} retry={() => void keep.again()} />
      ) : null}
      {mode === 'edit' ? (
        <div className="designer">
          <Palette add={add} />
          <Canvas
            design={now}
            chosen={chosen}
            choose={setChosen}
            faults={faults}
            move={move}
            remove={remove}
            copy={copy}
          />
          <div className="designer-side">
            <Tabs
              items={[
                {
                  key: 'field',
                  label: t('forms.design.field'),
                  children: (
                    <Properties
                      key={chosen}
                      design={now}
                      chosen={chosen}
                      change={change}
                      choose={setChosen}
                      faults={faults}
                    />
                  ),
                },
                { key: 'form', label: t('forms.design.form'), children: <Settings design={now} change={change} /> },
                {
                  key: 'faults',
                  label: t('forms.design.check', { n: faults.length }),
                  children: faults.length ? (
                    <ul className="stack-s">
                      {faults.map((fault) => (
                        <li key={fault.at + fault.code + fault.en}>
                          {now.fields.some((f) => f.name === fault.at.split('.')[0]) ? (
                            <button
                              type="button"
                              className="link-button strong"
                              onClick={() => setChosen(fault.at.split('.')[0] ?? null)}
                            >
                              {fault.at}
                            </button>
                          ) : (
                            <span className="strong">{fault.at}</span>
                          )}{' '}
                          {fault[language]}
                        </li>
                      ))}
                    </ul>
                  ) : (
                    <p className="good-text">{t('forms.design.no-faults')}</p>
                  ),
                },
              ]}
            />
          </div>
        </div>
      ) : (
        <Preview design={now} width={mode} />
      )}
      {publishing ? (
        <Publish
          form={form}
          design={now}
          faults={faults}
          saved={keep.flush}
          revision={() => keep.revision()}
          close={() => setPublishing(false)}
        />
      ) : null}
    </Page>
  );
}

interface Autosave {
  state: 'saved' | 'saving' | 'unfinished';
  savedAt: string | null;
  conflict: boolean;
  fault: unknown;
  revision(): number;
  /** Saves what is not saved yet; answers whether everything is. */
  flush(): Promise<boolean>;
  again(): Promise<unknown>;
  /** The own design over the one of somebody else. */
  overwrite(): Promise<unknown>;
}

/** Keeps the draft on the hub a moment after every change, one save at a time. */
function useAutosave(form: FormDetail, design: Design): Autosave {
  const client = useQueryClient();
  const [state, setState] = useState<Autosave['state']>('saved');
  const [savedAt, setSavedAt] = useState<string | null>(null);
  const [conflict, setConflict] = useState(false);
  const [fault, setFault] = useState<unknown>(null);
  const revision = useRef(form.revision);
  const saved = useRef(design);
  const latest = useRef(design);
  latest.current = design;
  const running = useRef<Promise<boolean> | null>(null);
  const stopped = useRef(false);

  const save = useCallback(async (): Promise<boolean> => {
    if (running.current) await running.current;
    const wanted = latest.current;
    if (wanted === saved.current) return true;
    if (stopped.current) return false;
    if (unfinished(wanted).length) {
      setState('unfinished');
      return false;
    }
    setState('saving');
    running.current = hub
      .put<FormDetail>('/api/v1/forms/{form}/draft', {
        params: { form: form.id },
        body: { revision: revision.current, design: wanted },
      })
      .then((answer) => {
        revision.current = answer.revision;
        saved.current = wanted;
        client.setQueryData(['forms', 'form', String(form.id)], answer);
        setSavedAt(new Date().toISOString());
        setFault(null);
        return true;
      })
      .catch((error: unknown) => {
        if (error instanceof ApiProblem && error.body.status === 409) {
          stopped.current = true;
          setConflict(true);
        } else setFault(error);
        return false;
      })
      .finally(() => {
        running.current = null;
        setState('saved');
      });
    return running.current;
  }, [form.id, client]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a change of the design is what the timer waits for.
  useEffect(() => {
    const timer = setTimeout(() => void save(), 900);
    return () => clearTimeout(timer);
  }, [design, save]);
  useEffect(
    () => () => {
      void save();
    },
    [save],
  );
  return {
    state,
    savedAt,
    conflict,
    fault,
    revision: () => revision.current,
    flush: save,
    again: save,
    async overwrite() {
      const fresh = await hub.get<FormDetail>('/api/v1/forms/{form}', { params: { form: form.id } });
      revision.current = fresh.revision;
      stopped.current = false;
      setConflict(false);
      return save();
    },
  };
}
