/** A place to write SQL: lines with numbers, words in colours, suggestions, and the line where something is wrong. A text area underneath, so that everything that a browser does with texts works. */
import { type KeyboardEvent, useEffect, useId, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { useSpeech } from '../../i18n/index.ts';
import { isKeyword, type Offered, type Suggestion, suggest, wordBefore } from './complete.ts';
import { tokensOf } from './pure.ts';

/** Pieces of a text with their kinds; together they are the text. */
export function pieces(text: string): { kind: string; text: string; at: number }[] {
  const out: { kind: string; text: string; at: number }[] = [];
  let at = 0;
  const gap = (end: number) => {
    if (end <= at) return;
    const between = text.slice(at, end);
    out.push({ kind: between.trim() ? 'comment' : 'blank', text: between, at });
  };
  for (const t of tokensOf(text)) {
    gap(t.at);
    const kind = t.kind === 'word' && isKeyword(t.text) ? 'keyword' : t.kind;
    out.push({ kind, text: t.text, at: t.at });
    at = t.at + t.text.length;
  }
  gap(text.length);
  return out;
}

export function Editor({
  value,
  onChange,
  onRun,
  views,
  fault,
  label,
}: {
  value: string;
  onChange: (text: string) => void;
  onRun: () => void;
  views: readonly Offered[];
  /** Where something is wrong. */
  fault: { line: number; column: number } | null;
  label: string;
}) {
  const { t } = useSpeech();
  const id = useId();
  const area = useRef<HTMLTextAreaElement>(null);
  const mark = useRef<HTMLSpanElement>(null);
  const put = useRef<number | null>(null);
  const [caret, setCaret] = useState(0);
  const [list, setList] = useState<Suggestion[]>([]);
  const [chosen, setChosen] = useState(0);
  const [at, setAt] = useState({ left: 0, top: 0 });
  const shown = useMemo(() => pieces(value), [value]);
  const lines = value.split('\n').length;
  const open = list.length > 0;

  useLayoutEffect(() => {
    if (put.current === null || !area.current) return;
    area.current.setSelectionRange(put.current, put.current);
    put.current = null;
  });
  // The list stands below the caret: where the mark of the same text stands.
  useLayoutEffect(() => {
    if (open && caret >= 0 && mark.current)
      setAt({ left: mark.current.offsetLeft, top: mark.current.offsetTop + mark.current.offsetHeight });
  }, [open, caret]);
  useEffect(() => {
    if (open) document.getElementById(`${id}-${chosen}`)?.scrollIntoView({ block: 'nearest' });
  }, [open, chosen, id]);

  const offer = (text: string, place: number) => {
    setCaret(place);
    setList(suggest(text, place, views));
    setChosen(0);
  };
  const take = (s: Suggestion) => {
    const place = area.current?.selectionStart ?? caret;
    const word = wordBefore(value, place);
    const kept = s.kind !== 'word' && !s.text.startsWith('v.') ? word.slice(0, word.lastIndexOf('.') + 1) : '';
    const text = value.slice(0, place - word.length) + kept + s.text + value.slice(place);
    put.current = place - word.length + kept.length + s.text.length;
    setList([]);
    onChange(text);
    area.current?.focus();
  };
  const onKeyDown = (e: KeyboardEvent<HTMLTextAreaElement>) => {
    // While an input method writes, its keys are its own.
    if (e.nativeEvent.isComposing) return;
    if (e.key === 'Enter' && (e.ctrlKey || e.metaKey)) {
      e.preventDefault();
      setList([]);
      onRun();
    } else if (e.key === ' ' && e.ctrlKey) {
      e.preventDefault();
      offer(value, e.currentTarget.selectionStart);
    } else if (open && (e.key === 'ArrowDown' || e.key === 'ArrowUp')) {
      e.preventDefault();
      setChosen((chosen + (e.key === 'ArrowDown' ? 1 : list.length - 1)) % list.length);
    } else if (open && (e.key === 'Enter' || e.key === 'Tab')) {
      e.preventDefault();
      take(list[chosen]!);
    } else if (open && e.key === 'Escape') {
      e.preventDefault();
      setList([]);
    }
  };
  return (
    <div className="wb-editor">
      <div className="wb-scroll">
        <div className="wb-lines" aria-hidden="true">
          {Array.from({ length: lines }, (_, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a line is its number.
            <span key={i} className={fault?.line === i + 1 ? 'wrong' : undefined}>
              {i + 1}
            </span>
          ))}
        </div>
        <div className="wb-text">
          <pre aria-hidden="true">
            {shown.map((p) => (
              <Piece key={p.at} piece={p} caret={open ? caret : -1} mark={mark} fault={faultAt(value, fault)} />
            ))}
            {open && caret >= value.length ? <span ref={mark} /> : null}
            {'\n'}
          </pre>
          <textarea
            ref={area}
            value={value}
            aria-label={label}
            aria-describedby={`${id}-help`}
            aria-autocomplete="list"
            aria-controls={open ? `${id}-list` : undefined}
            aria-activedescendant={open ? `${id}-${chosen}` : undefined}
            aria-invalid={fault ? true : undefined}
            spellCheck={false}
            autoCapitalize="off"
            autoComplete="off"
            maxLength={20_000}
            rows={lines}
            onChange={(e) => {
              onChange(e.target.value);
              offer(e.target.value, e.target.selectionStart);
            }}
            onKeyDown={onKeyDown}
            onClick={() => setList([])}
            onBlur={() => setTimeout(() => setList([]), 150)}
          />
          {open ? (
            <div
              id={`${id}-list`}
              className="wb-suggestions"
              style={at}
              role="listbox"
              aria-label={t('workbench.suggestions')}
            >
              {list.map((s, i) => (
                <div
                  key={`${s.kind}${s.text}`}
                  id={`${id}-${i}`}
                  role="option"
                  tabIndex={-1}
                  aria-selected={i === chosen}
                  onMouseDown={(e) => {
                    e.preventDefault();
                    take(s);
                  }}
                >
                  <code>{s.text}</code>
                  <span className="quiet">{s.note}</span>
                </div>
              ))}
            </div>
          ) : null}
        </div>
      </div>
      <p id={`${id}-help`} className="small quiet wb-help">
        {t('workbench.editor-help')}
      </p>
    </div>
  );
}

/** Where the fault's line and column stand in the text. */
function faultAt(text: string, fault: { line: number; column: number } | null): number {
  if (!fault) return -1;
  const before = text.split('\n').slice(0, fault.line - 1);
  return before.reduce((n, line) => n + line.length + 1, 0) + fault.column - 1;
}

function Piece({
  piece: { kind, text, at },
  caret,
  mark,
  fault,
}: {
  piece: { kind: string; text: string; at: number };
  caret: number;
  mark: React.RefObject<HTMLSpanElement | null>;
  fault: number;
}) {
  const wrong = fault >= at && fault < at + text.length && kind !== 'blank';
  const className = [`t-${kind}`, wrong ? 't-wrong' : ''].filter(Boolean).join(' ');
  if (caret < at || caret >= at + text.length || caret === -1) return <span className={className}>{text}</span>;
  return (
    <span className={className}>
      {text.slice(0, caret - at)}
      <span ref={mark} />
      {text.slice(caret - at)}
    </span>
  );
}
