use leptos::prelude::*;

/// Our own mark: a folder with a heart.
#[component]
pub fn Mark() -> impl IntoView {
    view! {
        <svg class="mark" viewBox="0 0 34 34" aria-hidden="true">
            <rect x="1" y="5" width="32" height="25" rx="7" fill="var(--brand)"/>
            <path d="M1 11a6 6 0 0 1 6-6h6l3 3h-15z" fill="var(--brand)"/>
            <path class="mark__heart" d="M17 25.2l-6.1-5.9a3.9 3.9 0 0 1 5.5-5.5l.6.6.6-.6a3.9 3.9 0 0 1 5.5 5.5z"/>
        </svg>
    }
}

/// The drawings of the dock.
#[derive(Clone, Copy)]
pub enum Icon {
    Visits,
    Home,
    People,
    Person,
    Help,
    Account,
    Share,
    Queue,
    Messages,
    Medicines,
    Menu,
    /// Something to put right.
    Wrong,
}

impl Icon {
    fn path(self) -> &'static str {
        match self {
            Icon::Visits => "M6 5h12a3 3 0 0 1 3 3v10a3 3 0 0 1-3 3H6a3 3 0 0 1-3-3V8a3 3 0 0 1 3-3zM3 10h18M8 3v4M16 3v4",
            Icon::Home => "M4 11l8-7 8 7v8a2 2 0 0 1-2 2h-3v-6H9v6H6a2 2 0 0 1-2-2z",
            Icon::People => {
                "M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM2.5 20a6.5 6.5 0 0 1 13 0M16 4.5a3.5 3.5 0 0 1 0 6.5M18 14.5a6.5 6.5 0 0 1 3.5 5.5"
            }
            Icon::Person => {
                "M4 5h16a1 1 0 0 1 1 1v12a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1V6a1 1 0 0 1 1-1zM8.5 11.5a2 2 0 1 0 0-4 2 2 0 0 0 0 4zM5.5 16a3 3 0 0 1 6 0M14.5 9.5h4M14.5 13.5h4"
            }
            Icon::Help => "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM9.5 9.5a2.5 2.5 0 1 1 3.6 2.2c-.8.4-1.1 1-1.1 1.8M12 17v.01",
            Icon::Share => {
                "M18 8a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM6 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM18 22a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM8.7 10.5l6.6-4M8.7 13.5l6.6 4"
            }
            Icon::Queue => "M4 13l2.5-8h11L20 13v6H4zM4 13h5l1.5 3h3L15 13h5",
            Icon::Medicines => "M5.2 18.8a4.5 4.5 0 0 1 0-6.4l7.2-7.2a4.5 4.5 0 0 1 6.4 6.4l-7.2 7.2a4.5 4.5 0 0 1-6.4 0zM8.8 8.8l6.4 6.4",
            Icon::Messages => "M4 5h16a1 1 0 0 1 1 1v11a1 1 0 0 1-1 1h-8l-5 4v-4H4a1 1 0 0 1-1-1V6a1 1 0 0 1 1-1z",
            Icon::Menu => "M4 7h16M4 12h16M4 17h16",
            Icon::Wrong => "M4 20h4L19 9l-4-4L4 16zM13 7l4 4",
            Icon::Account => "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4 21a8 8 0 0 1 16 0",
        }
    }

    pub fn draw(self) -> AnyView {
        view! {
            <svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round"
                stroke-linejoin="round" aria-hidden="true">
                <path d=self.path()/>
            </svg>
        }
        .into_any()
    }
}
