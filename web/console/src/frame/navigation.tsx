import {
  AlertOutlined,
  ApartmentOutlined,
  ApiOutlined,
  AuditOutlined,
  BarChartOutlined,
  BarcodeOutlined,
  BellOutlined,
  BookOutlined,
  CalendarOutlined,
  CameraOutlined,
  CarOutlined,
  CarryOutOutlined,
  CheckSquareOutlined,
  CloudUploadOutlined,
  ConsoleSqlOutlined,
  DashboardOutlined,
  DatabaseOutlined,
  DesktopOutlined,
  EnvironmentOutlined,
  ExperimentOutlined,
  FieldTimeOutlined,
  FileProtectOutlined,
  FileSearchOutlined,
  FilterOutlined,
  FolderOpenOutlined,
  ForkOutlined,
  FormOutlined,
  FundOutlined,
  FundProjectionScreenOutlined,
  GlobalOutlined,
  HddOutlined,
  HistoryOutlined,
  HomeOutlined,
  ImportOutlined,
  InboxOutlined,
  IssuesCloseOutlined,
  KeyOutlined,
  MailOutlined,
  MergeCellsOutlined,
  MobileOutlined,
  MutedOutlined,
  NodeIndexOutlined,
  NotificationOutlined,
  PhoneOutlined,
  ProfileOutlined,
  RadarChartOutlined,
  ReadOutlined,
  RetweetOutlined,
  RightOutlined,
  SafetyCertificateOutlined,
  SaveOutlined,
  ScheduleOutlined,
  SearchOutlined,
  SendOutlined,
  ShareAltOutlined,
  SlidersOutlined,
  SolutionOutlined,
  SoundOutlined,
  SwapOutlined,
  TagsOutlined,
  TeamOutlined,
  ThunderboltOutlined,
  TrophyOutlined,
  UnorderedListOutlined,
  VideoCameraOutlined,
  WifiOutlined,
} from '@ant-design/icons';
import { Link, useLocation } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { useSpeech } from '../i18n/index.ts';
import { areas, mayOpen, type PageEntry, pages } from '../pages.ts';
import { useSession } from '../session/session.tsx';
import { pageAt } from './frame.tsx';

const icons: Record<string, ReactNode> = {
  overview: <FundProjectionScreenOutlined />,
  cockpits: <DashboardOutlined />,
  'cockpit-studio': <ExperimentOutlined />,
  workbench: <ConsoleSqlOutlined />,
  elements: <BarcodeOutlined />,
  map: <EnvironmentOutlined />,
  risk: <RadarChartOutlined />,
  sensing: <WifiOutlined />,
  'sensing-intake': <ImportOutlined />,
  'sensing-video': <VideoCameraOutlined />,
  alerts: <BellOutlined />,
  'alert-rules': <SlidersOutlined />,
  'alert-silences': <MutedOutlined />,
  'public-warnings': <SoundOutlined />,
  'cap-messages': <MailOutlined />,
  command: <DesktopOutlined />,
  'command-operations': <ThunderboltOutlined />,
  'command-plans': <BookOutlined />,
  'command-duty': <CalendarOutlined />,
  'command-resources': <CarOutlined />,
  'command-mine': <CarryOutOutlined />,
  events: <UnorderedListOutlined />,
  'events-queue': <ForkOutlined />,
  'events-new': <PhoneOutlined />,
  'events-statistics': <BarChartOutlined />,
  'events-matters': <ProfileOutlined />,
  'events-clients': <ApiOutlined />,
  field: <MobileOutlined />,
  'field-report': <CameraOutlined />,
  sources: <InboxOutlined />,
  runs: <ScheduleOutlined />,
  quarantine: <IssuesCloseOutlined />,
  entries: <ReadOutlined />,
  'entry-desk': <AuditOutlined />,
  'entry-repeats': <MergeCellsOutlined />,
  resources: <DatabaseOutlined />,
  organisations: <ApartmentOutlined />,
  open: <ReadOutlined />,
  'open-requests': <NotificationOutlined />,
  'open-developers': <ApiOutlined />,
  'open-desk': <AuditOutlined />,
  'open-new': <CloudUploadOutlined />,
  'open-voices': <SolutionOutlined />,
  'peers-hubs': <ApartmentOutlined />,
  'peers-entries': <GlobalOutlined />,
  'peers-matters': <SwapOutlined />,
  'sharing-desk': <ScheduleOutlined />,
  'sharing-requests': <FileSearchOutlined />,
  'sharing-new': <FormOutlined />,
  'sharing-shares': <ShareAltOutlined />,
  'sharing-oversight': <FieldTimeOutlined />,
  'sharing-deputies': <TeamOutlined />,
  'gateway-services': <ApiOutlined />,
  'gateway-clients': <HddOutlined />,
  'gateway-usage': <BarChartOutlined />,
  subscriptions: <RetweetOutlined />,
  quality: <BarChartOutlined />,
  profile: <ProfileOutlined />,
  review: <MergeCellsOutlined />,
  linkage: <ForkOutlined rotate={90} />,
  libraries: <HomeOutlined />,
  addresses: <EnvironmentOutlined />,
  economy: <FundOutlined />,
  'economy-grading': <TrophyOutlined />,
  themes: <TagsOutlined />,
  search: <SearchOutlined />,
  persons: <NodeIndexOutlined />,
  classes: <FileSearchOutlined />,
  lists: <UnorderedListOutlined />,
  verifications: <CheckSquareOutlined />,
  corrections: <SolutionOutlined />,
  ranking: <TrophyOutlined />,
  warnings: <AlertOutlined />,
  chains: <ForkOutlined />,
  analysis: <FundOutlined />,
  collect: <MobileOutlined />,
  forms: <FormOutlined />,
  archives: <FolderOpenOutlined />,
  'archive-deposit': <CloudUploadOutlined />,
  'archive-borrowings': <ReadOutlined />,
  'archive-transfers': <SwapOutlined />,
  'archive-preservation': <HistoryOutlined />,
  assessment: <TrophyOutlined />,
  'assessment-compare': <SwapOutlined />,
  'assessment-objections': <IssuesCloseOutlined />,
  'assessment-reports': <FileProtectOutlined />,
  'assessment-formula': <ProfileOutlined />,
  trust: <SafetyCertificateOutlined />,
  seals: <FileProtectOutlined />,
  publications: <NotificationOutlined />,
  calendar: <FieldTimeOutlined />,
  'seal-clients': <ApiOutlined />,
  operations: <DashboardOutlined />,
  backups: <SaveOutlined />,
  keys: <KeyOutlined />,
  'notices-channels': <SendOutlined />,
  jobs: <HddOutlined />,
  users: <TeamOutlined />,
  'people-organisations': <ApartmentOutlined />,
  recertification: <SolutionOutlined />,
  audit: <AuditOutlined />,
};

/** Who may open more pages than this sees their areas folded, but for the one they are in and those they opened. */
const FOLDED_FROM = 16;
const KEPT = 'jingwei.navigation';

/** Areas that this person opened or folded by hand, kept from visit to visit. */
function kept(): Record<string, boolean> {
  try {
    return JSON.parse(localStorage.getItem(KEPT) ?? '{}') as Record<string, boolean>;
  } catch {
    return {};
  }
}

/** The pages that this person may open, by area; long lists of areas are folded. */
export function Navigation() {
  const { t } = useSpeech();
  const { held } = useSession();
  const location = useLocation();
  const [choices, setChoices] = useState(kept);
  const here: PageEntry | undefined = pageAt(location.pathname);
  const mine = (pages as readonly PageEntry[]).filter((p) => p.nav && mayOpen(p, held));
  const choose = (area: string, open: boolean) =>
    setChoices((before) => {
      const next = { ...before, [area]: open };
      localStorage.setItem(KEPT, JSON.stringify(next));
      return next;
    });
  return areas.map((area) => {
    const entries = mine.filter((p) => p.area === area);
    if (entries.length === 0) return null;
    const links = (
      <ul>
        {entries.map((entry) => {
          const current = here?.path === entry.path || here?.parent === entry.path;
          return (
            <li key={entry.path}>
              <Link
                to={entry.path}
                className="nav-link"
                // Which entry is current is said below; by itself a link would hold for every page under its path too.
                activeOptions={{ exact: true }}
                {...(current ? { 'aria-current': 'page' as const } : {})}
              >
                <span aria-hidden="true">{icons[entry.title] ?? <FilterOutlined />}</span>
                {t(`titles.${entry.title}`)}
              </Link>
            </li>
          );
        })}
      </ul>
    );
    if (entries.length === 1 && area === 'overview')
      return (
        <div className="nav-area" key={area}>
          {links}
        </div>
      );
    const open = here?.area === area || (choices[area] ?? mine.length < FOLDED_FROM);
    return (
      <details
        className="nav-area"
        key={area}
        open={open}
        onToggle={(e) => e.currentTarget.open !== open && choose(area, e.currentTarget.open)}
      >
        <summary>
          <h2>{t(`titles.area.${area}`)}</h2>
          <RightOutlined aria-hidden="true" />
        </summary>
        {links}
      </details>
    );
  });
}
