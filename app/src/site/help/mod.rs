//! How to get help: pages to read, and walk-throughs on the real pages.

mod pages;

use super::tours::Tour;
use crate::{features::Feature, view::page::Route};

pub const FEATURE: Feature = Feature {
    pages: &[
        Route::public("/help", |request| Box::pin(pages::start(request))),
        Route::public("/help/bill", |request| Box::pin(pages::bill(request))),
        Route::public("/help/getting-started", |request| Box::pin(pages::getting_started(request))),
        Route::public("/help/proxy-access", |request| Box::pin(pages::proxy_access(request))),
        Route::public("/help/questions", |request| Box::pin(pages::questions(request))),
        Route::public("/help/virtual-visits", |request| Box::pin(pages::virtual_visits(request))),
        Route::public("/help/check-in", |_| Box::pin(pages::tour(Tour::CheckIn))),
        Route::public("/help/on-your-phone", |_| Box::pin(pages::tour(Tour::Phone))),
        Route::public("/help/visits-by-video", |_| Box::pin(pages::tour(Tour::VideoVisits))),
        Route::public("/help/family-records", |_| Box::pin(pages::tour(Tour::FamilyRecords))),
        Route::public("/help/linking-accounts", |_| Box::pin(pages::tour(Tour::LinkingAccounts))),
        Route::public("/help/new-experience", |_| Box::pin(pages::tour(Tour::NewExperience))),
        Route::public("/help/message-your-doctor", |_| Box::pin(pages::tour(Tour::Messages))),
        Route::public("/help/notes", |_| Box::pin(pages::tour(Tour::Notes))),
        Route::public("/help/appointments-and-fast-pass", |_| Box::pin(pages::tour(Tour::Appointments))),
        Route::public("/help/pay-your-bill", |_| Box::pin(pages::tour(Tour::Bills))),
        Route::public("/help/pay-as-a-guest", |_| Box::pin(pages::tour(Tour::Guests))),
        Route::public("/help/request-medicine", |_| Box::pin(pages::tour(Tour::Medicines))),
        Route::public("/help/sharing-your-record", |_| Box::pin(pages::tour(Tour::SharingRecord))),
    ],
    public_functions: &[],
    ..Feature::EMPTY
};
