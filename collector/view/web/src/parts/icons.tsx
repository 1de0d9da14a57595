/** Every icon of the page: drawn on a 24-pixel grid, hidden from screen readers since a text always stands beside it. */
import type { ReactNode } from 'react';

interface IconProps {
  size?: number;
}

function icon(drawing: ReactNode) {
  return function Icon({ size = 16 }: IconProps) {
    return (
      <svg
        width={size}
        height={size}
        viewBox="0 0 24 24"
        fill="none"
        stroke="currentColor"
        strokeWidth={2}
        strokeLinecap="round"
        strokeLinejoin="round"
        aria-hidden="true"
        focusable="false"
        className="rc-icon"
      >
        {drawing}
      </svg>
    );
  };
}

export const IconArrowDown = icon(<path d="M12 5v14M6 13l6 6 6-6" />);
export const IconArrowUp = icon(<path d="M12 19V5M6 11l6-6 6 6" />);
export const IconChange = icon(<path d="M4 8h14M14 4l4 4-4 4M20 16H6M10 12l-4 4 4 4" />);
export const IconCheck = icon(<path d="M5 12.5l4.5 4.5L19 7.5" />);
export const IconChevronDown = icon(<path d="M6 9l6 6 6-6" />);
export const IconChevronRight = icon(<path d="M9 6l6 6-6 6" />);
export const IconClock = icon(
  <>
    <circle cx="12" cy="12" r="9" />
    <path d="M12 7v5l3 2" />
  </>,
);
export const IconColumns = icon(<path d="M4 5h16v14H4zM10 5v14M15 5v14" />);
export const IconCopy = icon(
  <>
    <rect x="9" y="9" width="11" height="11" rx="2" />
    <path d="M5 15H4V5a1 1 0 0 1 1-1h10v1" />
  </>,
);
export const IconCritical = icon(
  <>
    <path d="M8.2 3h7.6L21 8.2v7.6L15.8 21H8.2L3 15.8V8.2z" />
    <path d="M12 8v5M12 16.2v.1" />
  </>,
);
export const IconCross = icon(<path d="M6 6l12 12M18 6L6 18" />);
export const IconDevice = icon(
  <>
    <rect x="3" y="4" width="18" height="12" rx="1.5" />
    <path d="M8 20h8M12 16v4" />
  </>,
);
export const IconDownload = icon(<path d="M12 4v11M7 11l5 5 5-5M5 20h14" />);
export const IconFilter = icon(<path d="M4 5h16l-6.2 7.2V19l-3.6-2v-4.8z" />);
export const IconFolder = icon(<path d="M3 6.5A1.5 1.5 0 0 1 4.5 5h5l2 2.5h8A1.5 1.5 0 0 1 21 9v9a1.5 1.5 0 0 1-1.5 1.5h-15A1.5 1.5 0 0 1 3 18z" />);
export const IconInformation = icon(
  <>
    <circle cx="12" cy="12" r="9" />
    <path d="M12 11v5M12 7.8v.1" />
  </>,
);
export const IconMore = icon(<path d="M5 12v.1M12 12v.1M19 12v.1" />);
export const IconMoon = icon(<path d="M20 14.5A8.5 8.5 0 0 1 9.5 4 8.5 8.5 0 1 0 20 14.5z" />);
export const IconOffline = icon(<path d="M4 4l16 16M9.5 5.2A11 11 0 0 1 21 9M3 9a14 14 0 0 1 3-2M7 13a7 7 0 0 1 4-2M12 18v.1" />);
export const IconPlus = icon(<path d="M12 5v14M5 12h14" />);
export const IconQuestion = icon(
  <>
    <circle cx="12" cy="12" r="9" />
    <path d="M9.6 9.4a2.5 2.5 0 1 1 3.6 2.3c-.8.4-1.2 1-1.2 1.8M12 16.6v.1" />
  </>,
);
export const IconReboot = icon(<path d="M19.5 12a7.5 7.5 0 1 1-2.4-5.5M19 3v4.5h-4.5" />);
export const IconRows = icon(<path d="M4 6h16M4 12h16M4 18h16" />);
export const IconRowsTall = icon(<path d="M4 5h16v5H4zM4 14h16v5H4z" />);
export const IconSearch = icon(
  <>
    <circle cx="11" cy="11" r="6.5" />
    <path d="M16 16l4.5 4.5" />
  </>,
);
export const IconServer = icon(
  <>
    <rect x="4" y="4" width="16" height="7" rx="1.5" />
    <rect x="4" y="13" width="16" height="7" rx="1.5" />
    <path d="M8 7.5v.1M8 16.5v.1" />
  </>,
);
export const IconShield = icon(<path d="M12 3l7.5 3v5.5c0 4.6-3.1 8-7.5 9.5-4.4-1.5-7.5-4.9-7.5-9.5V6z" />);
export const IconStar = icon(<path d="M12 3.5l2.6 5.4 5.9.8-4.3 4.1 1 5.9-5.2-2.8-5.2 2.8 1-5.9L3.5 9.7l5.9-.8z" />);
export const IconStarred = icon(
  <path
    d="M12 3.5l2.6 5.4 5.9.8-4.3 4.1 1 5.9-5.2-2.8-5.2 2.8 1-5.9L3.5 9.7l5.9-.8z"
    fill="currentColor"
  />,
);
export const IconSun = icon(
  <>
    <circle cx="12" cy="12" r="4" />
    <path d="M12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M5.3 18.7l1.4-1.4M17.3 6.7l1.4-1.4" />
  </>,
);
export const IconSystem = icon(
  <>
    <circle cx="12" cy="12" r="8.5" />
    <path d="M12 3.5v17a8.5 8.5 0 0 0 0-17z" fill="currentColor" />
  </>,
);
export const IconUser = icon(
  <>
    <circle cx="12" cy="8" r="4" />
    <path d="M4.5 20.5c1-4 4-6 7.5-6s6.5 2 7.5 6" />
  </>,
);
export const IconWarning = icon(
  <>
    <path d="M12 4L2.8 19.5h18.4z" />
    <path d="M12 10v4.5M12 16.8v.1" />
  </>,
);
