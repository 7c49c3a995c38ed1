//! Competencies and how a level was measured.

text_enum! {
    /// The kind of a competency.
    CompetencyKind {
        /// Managerial (PermenPANRB 38/2017).
        Managerial = "manajerial",
        /// Socio-cultural (PermenPANRB 38/2017).
        SocioCultural = "sosial_kultural",
        /// Technical, defined by the instructing agency.
        Technical = "teknis",
    }
}

text_enum! {
    /// How a level was assessed. The order is the order of trust: where several
    /// methods speak about the same competency, the last in this list counts.
    AssessmentMethod {
        /// By the person.
        SelfAssessment = "self",
        /// By the direct superior.
        Superior = "superior",
        /// By an assessment centre.
        AssessmentCentre = "assessment_centre",
    }
}
